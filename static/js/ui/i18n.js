// @ts-check
/** Words, dates, durations and plurals in the visitor's language. */

import { backoff } from '../sync/backoff.js';
import { keepChoice } from './storage.js';

/** @typedef {'en' | 'ru'} Language */
/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Entry */
/** @typedef {Record<string, string | number>} Values */

export const LANGUAGES = /** @type {const} */ (['en', 'ru']);

/** Words that do not come by then are asked for anew, after this and after at most that, s. */
const ANSWER_WITHIN_S = 8;
const FIRST_RETRY_S = 1;
const MAX_RETRY_S = 15;

/**
 * The words that a bundle brings along; tools/bundle.js puts them here.
 * @type {{language: Language, words: Record<string, Entry>} | undefined}
 */
const bundled = /** @type {any} */ (globalThis).SEANS_WORDS;

/** @type {Record<string, Entry>} */
let words = {};
/** @type {Language} */
let current = 'en';

/** Tells of a change of language, by an event `change`. */
export const languageChanges = new EventTarget();

/**
 * @param {string | null | undefined} tag a language tag, of any case and region
 * @returns {Language | undefined}
 */
function known(tag) {
  const base = tag?.toLowerCase().split('-')[0];
  return LANGUAGES.find((language) => language === base);
}

/** @param {Language} language @returns {Promise<Record<string, Entry>>} */
async function fetchWords(language) {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_S * 1000);
  const answer = await fetch(`/static/i18n/${language}.json`, { signal });
  if (!answer.ok) {
    throw new Error(`no words: ${answer.status}`);
  }
  return answer.json();
}

/** @param {Language} language */
async function load(language) {
  words = bundled?.language === language ? bundled.words : await fetchWords(language);
  current = language;
  document.documentElement.lang = language;
}

/**
 * Have the words of the language that the server chose for the page. Without a bundle they are
 * fetched, again and again until they come: nothing can be said before.
 */
export async function loadLanguage() {
  const wanted = known(document.documentElement.lang) ?? 'en';
  for (let attempt = 0; ; attempt += 1) {
    try {
      await load(wanted);
      document.getElementById('moment')?.remove();
      return;
    } catch {
      // Without words no fault can be told of: the page goes on saying "One moment".
      const about = { attempt, first: FIRST_RETRY_S, most: MAX_RETRY_S, random: Math.random() };
      await new Promise((resolve) => setTimeout(resolve, backoff(about) * 1000));
    }
  }
}

/** @param {Language} language chosen by the visitor, kept for the next visits */
export async function chooseLanguage(language) {
  keepChoice('lang', language);
  const address = new URL(location.href);
  if (address.searchParams.has('lang')) {
    address.searchParams.delete('lang');
    history.replaceState(history.state, '', address);
  }
  await load(language);
  languageChanges.dispatchEvent(new Event('change'));
}

export function language() {
  return current;
}

/** The browser's own flavour of the language in use, for dates and numbers. */
function locale() {
  return globalThis.navigator?.languages.find((tag) => known(tag) === current) ?? current;
}

/**
 * @param {string} key
 * @param {Values} [values] for the `{names}` in the text; `count` chooses the plural
 */
export function t(key, values = {}) {
  const entry = words[key];
  if (entry === undefined) {
    return key;
  }
  let text;
  if (typeof entry === 'string') {
    text = entry;
  } else {
    text = entry[new Intl.PluralRules(current).select(Number(values.count))] ?? entry.other ?? key;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) {
      return whole;
    }
    return typeof value === 'number' ? new Intl.NumberFormat(locale()).format(value) : value;
  });
}

/** @param {string} key */
export function has(key) {
  return key in words;
}

/**
 * A position or a countdown as a clock shows it: `12:04`, `1:02:03`.
 * @param {number} seconds
 */
export function clockTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * A duration in words, by its largest units: `1 h 24 min`, `12 minutes`.
 * @param {number} seconds
 * @param {'short' | 'long'} [display]
 */
export function durationWords(seconds, display = 'short') {
  const whole = Math.max(0, Math.round(seconds));
  const unit = (/** @type {number} */ value, /** @type {string} */ name) =>
    new Intl.NumberFormat(locale(), { style: 'unit', unit: name, unitDisplay: display }).format(value);
  const days = Math.floor(whole / 86400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  if (days) {
    return unit(days, 'day');
  }
  if (hours) {
    return minutes ? `${unit(hours, 'hour')} ${unit(minutes, 'minute')}` : unit(hours, 'hour');
  }
  return minutes ? unit(minutes, 'minute') : unit(whole, 'second');
}

/**
 * @param {number} seconds
 * @param {number} [digits] after the decimal point
 */
export function secondsWords(seconds, digits = 1) {
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(seconds);
}

/**
 * A short time: `8 ms`, with its sign where asked, and `1.25 sec` from a whole second on.
 * @param {number} seconds
 * @param {'negative' | 'exceptZero'} [sign]
 */
export function milliseconds(seconds, sign = 'negative') {
  const long = Math.abs(seconds) >= 1;
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: long ? 'second' : 'millisecond',
    unitDisplay: 'short',
    maximumFractionDigits: long ? 2 : Math.abs(seconds) < 0.00995 ? 1 : 0,
    signDisplay: sign,
  }).format(long ? seconds : seconds * 1000);
}

/** @param {string[]} names */
export function listWords(names) {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names);
}

/** @param {Date} date */
export function timeOfDay(date) {
  return new Intl.DateTimeFormat(locale(), { hour: 'numeric', minute: '2-digit' }).format(date);
}

/**
 * When something begins: `in 12 min`, `today 21:00`, `tomorrow 21:00`, `Sat 28 Nov, 21:00`.
 * @param {Date} date
 * @param {Date} now
 */
export function whenWords(date, now) {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  if (seconds >= 0 && seconds < 3600) {
    const minutes = Math.ceil(seconds / 60);
    return new Intl.RelativeTimeFormat(locale(), { style: 'short' }).format(minutes, 'minute');
  }
  const days = daysUntil(date, now);
  return days === 0 || days === 1 ? dayAndTime(days, date) : dateWords(date);
}

/**
 * When something was: `today 21:00`, `yesterday 21:00`, `Sat 28 Nov, 21:00`.
 * @param {Date} date
 * @param {Date} now
 */
export function pastWords(date, now) {
  const days = daysUntil(date, now);
  return days === 0 || days === -1 ? dayAndTime(days, date) : dateWords(date);
}

/** How long ago something was: `5 minutes ago`, `5 минут назад`. @param {number} seconds */
export function agoWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  /** @type {[number, Intl.RelativeTimeFormatUnit]} */
  const [count, unit] =
    whole < 60
      ? [whole, 'second']
      : whole < 3600
        ? [Math.floor(whole / 60), 'minute']
        : [Math.floor(whole / 3600), 'hour'];
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'always' }).format(-count, unit);
}

/** How many midnights lie between; negative where `date` was before. @param {Date} date @param {Date} now */
function daysUntil(date, now) {
  const midnight = (/** @type {Date} */ d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
  return Math.round((midnight(date).getTime() - midnight(now).getTime()) / 86_400_000);
}

/** @param {number} days from today @param {Date} date */
function dayAndTime(days, date) {
  const day = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(days, 'day');
  return `${day} ${timeOfDay(date)}`;
}

/** @param {Date} date */
function dateWords(date) {
  return new Intl.DateTimeFormat(locale(), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: yearOf(date),
    hour: 'numeric',
    minute: '2-digit',
  }).format(date);
}

/** A year is said where it is not this one. @param {Date} date */
function yearOf(date) {
  return date.getFullYear() === new Date().getFullYear() ? undefined : /** @type {const} */ ('numeric');
}

/** @param {Date} date with its day and zone, for what must not be mistaken */
export function exactWords(date) {
  return new Intl.DateTimeFormat(locale(), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: yearOf(date),
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(date);
}

/** The zone that dates are typed and shown in: `Europe/Berlin (GMT+1)`. */
export function zoneWords() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const parts = new Intl.DateTimeFormat(locale(), { timeZoneName: 'shortOffset' }).formatToParts();
  const offset = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  return offset && offset !== zone ? `${zone.replaceAll('_', ' ')} (${offset})` : zone;
}

/**
 * @param {number} fraction
 * @param {number} [digits] behind the point
 */
export function percent(fraction, digits = 0) {
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(
    fraction,
  );
}

/** @param {number} bitRate bit/s */
export function megabits(bitRate) {
  const format = { style: 'unit', unit: 'megabit-per-second', maximumFractionDigits: 2 };
  return new Intl.NumberFormat(locale(), /** @type {Intl.NumberFormatOptions} */ (format)).format(
    bitRate / 1e6,
  );
}
