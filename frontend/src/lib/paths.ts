/** A path of our own to go back to; anything else is Today. */
export const ownPath = (wanted: string | null | undefined) =>
  wanted && /^\/(?![/\\])[^\\\u0000-\u001f]*$/.test(wanted) ? wanted : "/today";
