// The editor of decision tables: loaded on its page only.
import './studio/table_editor.js';
