// What a browser keeps for a page.

/** Store a text, or return it; browsers may forbid that, by an error. */
export function remember(storage, name, value) {
  try {
    if (value === undefined) return window[storage].getItem(name);
    window[storage].setItem(name, value);
  } catch {
    // the page works without
  }
  return null;
}
