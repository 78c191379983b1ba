"""Pages of the studio. Each module adds its routes to the one blueprint; the room is put together in `app.studio`."""
