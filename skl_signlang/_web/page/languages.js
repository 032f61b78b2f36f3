// The languages of a page: the choice, and the texts of the one that is chosen.

import { remember } from "./storage.js";

let texts = {};
let language = "en";

/**
 * Write the page in the language of before, or of the browser, and follow the choice.
 * @param {object} known all that the page says, in each language
 * @param {function} change is called after another language was chosen
 */
export function startLanguages(known, change) {
  texts = known;
  const chosen = remember("localStorage", "language");
  const wanted = [chosen, ...navigator.languages.map((name) => name.slice(0, 2))];
  const choice = document.getElementById("language");
  choice.value = wanted.find((name) => name in texts) ?? "en";
  choice.addEventListener("change", () => {
    remember("localStorage", "language", choice.value);
    speak(choice.value);
    change();
  });
  speak(choice.value);
}

/** Write the whole page in a language. */
function speak(name) {
  language = name;
  document.documentElement.lang = name;
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
  }
}

/** Give a text in the language that is spoken, with its {names} filled in. */
export function text(key, values = {}) {
  return texts[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
