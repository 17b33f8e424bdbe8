// The page's words in both languages.

import { words } from "./dictionary.js";

const languages = ["en", "zh"];
let index = 0;

export const language = () => languages[index];

// speak chooses the language; it is kept in this browser.
export function speak(name) {
  index = Math.max(0, languages.indexOf(name));
  document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem("sesame-language", languages[index]);
  } catch {
    // a browser that keeps nothing asks again next time
  }
}

// remembered is the language of the last visit, or the browser's.
export function remembered() {
  try {
    const kept = localStorage.getItem("sesame-language");
    if (kept) return kept;
  } catch {
    // as above
  }
  return navigator.language?.startsWith("zh") ? "zh" : "en";
}

// known says whether there are words for key.
export const known = (key) => Object.hasOwn(words, key);

// t is the text for key; {name} is replaced by facts[name].
export function t(key, facts = {}) {
  const entry = known(key) ? words[key] : null;
  const text = entry ? entry[index] : key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(facts, name) ? String(facts[name]) : whole));
}
