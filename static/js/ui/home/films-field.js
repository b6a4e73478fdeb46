// @ts-check
/** The fields of a show of several films: which episodes or films, how they follow, and the times. */

import { live } from '/static/vendor/lit-html/directives/live.js';
import { html } from '/static/vendor/lit-html/lit-html.js';
import { filmWords } from '../episode-words.js';
import { exactWords, t } from '../i18n.js';
import { icon } from '../icons.js';
import { MAX_SESSIONS, plannedTimes } from './planned-times.js';
import { segments } from './show-fields.js';

/** @typedef {import('../../room/messages').EpisodeAnswer} Episode */
/** @typedef {import('../../room/api.js').Title} Title */
/** @typedef {{id: string, words: string, duration: number}} Part  a film or an episode to be shown */
/** @typedef {'one' | 'season' | 'all'} Extent */
/** @typedef {Event & {target: HTMLSelectElement}} Chosen */

const EXTENTS = /** @type {const} */ (['one', 'season', 'all']);
const PATTERNS = /** @type {const} */ (['row', 'weekly']);
const DEFAULT_BREAK_MINUTES = 5;
const MAX_BREAK_MINUTES = 600;

export class FilmsField {
  /** @type {Title | null} */
  #title = null;
  /** Of a series, in order. @type {readonly Episode[]} */
  #episodes = [];
  #from = '';
  /** @type {Extent} */
  #extent = 'season';
  /** Films after the first, of a show of movies. @type {Part[]} */
  #added = [];
  /** Episodes that are left out, by id. @type {Set<string>} */
  #removed = new Set();
  /** @type {import('./planned-times.js').Pattern} */
  #pattern = 'row';
  /** As it is typed. */
  #break = String(DEFAULT_BREAK_MINUTES);
  #changed;

  /** @param {() => void} changed called when the fields must be drawn anew */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * Another movie or series was chosen.
   *
   * @param {Title | null} title
   */
  choose(title) {
    if (title?.id === this.#title?.id) {
      this.#title = title;
      return;
    }
    this.#title = title;
    this.#episodes = [];
    this.#added = [];
    this.#removed.clear();
    this.#extent = 'season';
  }

  /**
   * Take the episodes of the series that was chosen.
   *
   * @param {string} series its id
   * @param {readonly Episode[]} episodes in order
   */
  take(series, episodes) {
    // Meanwhile another title may have been chosen.
    if (series === this.#title?.id) {
      this.#episodes = episodes;
      this.#from = episodes.find(({ state }) => state === 'ready')?.id ?? '';
      this.#changed();
    }
  }

  /** Whether the chosen title is a series whose episodes are not known yet. */
  get lacksEpisodes() {
    return this.#title?.type === 'series' && this.#episodes.length === 0;
  }

  /** What is to be shown, in order. @returns {readonly Part[]} */
  get parts() {
    const title = this.#title;
    if (title === null) {
      return [];
    }
    if (title.type !== 'series') {
      return [{ id: title.id, words: title.title, duration: title.duration ?? 0 }, ...this.#added];
    }
    return this.#wanted
      .filter(({ id }) => !this.#removed.has(id))
      .slice(0, MAX_SESSIONS)
      .map((episode) => ({ id: episode.id, words: words(episode), duration: episode.duration ?? 0 }));
  }

  /** The episodes from the chosen one on, as far as they are wanted and can be shown. */
  get #wanted() {
    const first = this.#episodes.findIndex(({ id }) => id === this.#from);
    const following = first < 0 ? [] : this.#episodes.slice(first);
    const { season } = following[0] ?? {};
    return following.filter(
      (episode, index) =>
        episode.state === 'ready' &&
        (index === 0 || this.#extent === 'all' || (this.#extent === 'season' && episode.season === season)),
    );
  }

  /**
   * What the server is asked for.
   *
   * @param {Date} start
   */
  request(start) {
    const parts = this.parts;
    const times = this.#times(start);
    const id = this.#title?.type === 'series' ? this.#title.id : (parts[0]?.id ?? '');
    const type =
      this.#title?.type === 'series' ? /** @type {const} */ ('series') : /** @type {const} */ ('movie');
    if (type === 'movie' && parts.length === 1) {
      return { target_id: id, target_type: type, movie_time: start.toISOString() };
    }
    const sessions = parts.map((part, index) => ({
      target_id: part.id,
      movie_time: (times[index] ?? start).toISOString(),
    }));
    return { target_id: id, target_type: type, sessions };
  }

  get #breakMinutes() {
    const minutes = Math.round(Number(this.#break) || 0);
    return Math.min(Math.max(minutes, 0), MAX_BREAK_MINUTES);
  }

  /** @param {Date} start */
  #times(start) {
    const durations = this.parts.map(({ duration }) => duration);
    return plannedTimes(start, durations, { pattern: this.#pattern, breakMinutes: this.#breakMinutes });
  }

  /**
   * The fields; nothing for a single movie but the way to more.
   *
   * @param {Date | null} start null while it is not whole
   * @param {readonly Title[]} movies that can be added
   */
  view(start, movies) {
    const isSeries = this.#title?.type === 'series';
    const several = this.parts.length > 1;
    return html`${isSeries ? this.#episodeFields() : this.#addField(movies)}
    ${several ? this.#patternField() : ''} ${(several || isSeries) && start ? this.#list(start) : ''}`;
  }

  #episodeFields() {
    return html`<div class="field">
        <label for="episode">${t('schedule.from')}</label>
        <select id="episode" .value=${live(this.#from)} @change=${(/** @type {Chosen} */ { target }) => this.#set(() => this.#start(target.value))}>
          ${this.#episodes.map(
            (episode) =>
              html`<option
                value=${episode.id}
                ?disabled=${episode.state !== 'ready'}
                .selected=${episode.id === this.#from}
              >
                ${words(episode)}
              </option>`,
          )}
        </select>
      </div>
      ${segments(
        'extent',
        t('schedule.extent'),
        EXTENTS,
        this.#extent,
        (one) => t(`extent.${one}`),
        (extent) =>
          this.#set(() => {
            this.#extent = extent;
          }),
      )}`;
  }

  /** @param {string} episode */
  #start(episode) {
    this.#from = episode;
    this.#removed.clear();
  }

  /** @param {readonly Title[]} movies */
  #addField(movies) {
    const ready = movies.filter(({ state, type }) => state === 'ready' && type === 'movie');
    const add = (/** @type {Chosen} */ { target }) => {
      const movie = ready.find(({ id }) => id === target.value);
      target.value = '';
      if (movie && this.parts.length < MAX_SESSIONS) {
        const part = { id: movie.id, words: movie.title, duration: movie.duration ?? 0 };
        this.#set(() => this.#added.push(part));
      }
    };
    return html`<div class="field">
      <label for="another">${t('schedule.another')}</label>
      <select id="another" @change=${add} .value=${live('')}>
        <option value="">${t('schedule.another-none')}</option>
        ${ready.map(({ id, title }) => html`<option value=${id}>${title}</option>`)}
      </select>
    </div>`;
  }

  #patternField() {
    return html`${segments(
      'pattern',
      t('schedule.pattern'),
      PATTERNS,
      this.#pattern,
      (one) => t(`pattern.${one}`),
      (pattern) =>
        this.#set(() => {
          this.#pattern = pattern;
        }),
    )}
    ${
      this.#pattern === 'row'
        ? html`<div class="field">
            <label for="break">${t('schedule.break')}</label>
            <input
              id="break"
              type="number"
              inputmode="numeric"
              min="0"
              max=${MAX_BREAK_MINUTES}
              step="1"
              .value=${live(this.#break)}
              @input=${(/** @type {Event & {target: HTMLInputElement}} */ { target }) =>
                this.#set(() => {
                  this.#break = target.value;
                })}
            />
          </div>`
        : ''
    }`;
  }

  /** @param {Date} start */
  #list(start) {
    const times = this.#times(start);
    const parts = this.parts;
    return html`<section class="field" aria-labelledby="times-heading">
      <span id="times-heading">${t('schedule.times')}</span>
      <ol class="times">
        ${parts.map(
          ({ id, words: name }, index) =>
            html`<li>
              <span class="part">
                <strong>${name}</strong>
                <span class="note">${exactWords(times[index] ?? start)}</span>
              </span>
              ${
                parts.length > 1
                  ? html`<button
                      type="button"
                      class="quiet square"
                      aria-label=${t('schedule.remove', { film: name })}
                      title=${t('schedule.remove', { film: name })}
                      @click=${() => this.#set(() => this.#remove(id, index))}
                    >
                      ${icon('x')}
                    </button>`
                  : ''
              }
            </li>`,
        )}
      </ol>
    </section>`;
  }

  /** @param {string} id @param {number} index */
  #remove(id, index) {
    if (this.#title?.type === 'series') {
      this.#removed.add(id);
      return;
    }
    const [first, ...rest] = this.parts.filter((_, place) => place !== index);
    // The first movie gives way to the one after it.
    if (index === 0 && this.#title && first) {
      this.#title = { ...this.#title, id: first.id, title: first.words, duration: first.duration };
    }
    this.#added = rest;
  }

  /** @param {() => void} change */
  #set(change) {
    change();
    this.#changed();
  }
}

/** @param {Episode} episode */
function words(episode) {
  // The list of a series has no series' name beside an episode without a title of its own.
  const own = / · (S\d+)?E\d+(-E\d+)?$/.test(episode.title) ? '' : episode.title;
  return filmWords({ ...episode, series: '', title: own });
}
