// What a command's handler is.

/** Menus pass the row and the selected rows; the palette passes nothing. What a handler returns is the command's result. */
export type Handler = (row?: unknown, selected?: unknown) => unknown;
