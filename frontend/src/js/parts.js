// The editors of forms and settings: loaded on their pages only.
import './studio/form_editor.js';
import './studio/settings_editor.js';
