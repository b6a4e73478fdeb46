// Made by tools/typedefs.js of what sessions and streamer/web say; change those.

export type ClientMessage = Hello | Ping | CommandMessage | Say | Typing | Report;
export type ServerMessage =
  | Welcome
  | Pong
  | TimelineChanged
  | ChatMessage
  | Deleted
  | Notice
  | Members
  | RightsChanged
  | ShowChanged
  | WaitingChanged
  | Summary
  | SomebodyTyping
  | Accepted
  | Refusal
  | Goodbye;

/**
 * It answers.
 */
export interface Alive {
  status: 'ok';
}
/**
 * Which messages are wanted.
 */
export interface Between {
  after?: number | null;
  before?: number | null;
  limit?: number;
  session?: string | null;
}
/**
 * Something or somebody that the asker wants to find again.
 */
export interface BookmarkAnswer {
  created_at: string;
  id: string;
  target_id: string;
  target_type: 'user' | 'movie' | 'series';
  type: 'bookmark';
  user_id: string;
}
/**
 * The address of the asker's calendar; both null while there is none.
 */
export interface CalendarAnswer {
  created_at: string | null;
  url: string | null;
}
/**
 * A chat message as the history holds it.
 */
export interface ChatMessageRecord {
  created_at: string;
  deleted?: boolean;
  id: string;
  name: string;
  position: number;
  seq: number;
  session_id: string;
  target_id: string;
  target_type: 'show';
  text: string;
  type: 'chat_message';
  user_id: string;
}
/**
 * What a command made, or what stands.
 */
export interface CommandAnswer {
  revision: number;
  timeline: TimelineRecord;
}
/**
 * Where the film stands, as a function of the server's time.
 */
export interface TimelineRecord {
  /**
   * Grows by one with each move.
   */
  revision: number;
  /**
   * Film position at ``instant``, s; below zero the film begins in that many.
   */
  position: number;
  /**
   * Film seconds per second; 0 while paused.
   */
  rate: number;
  /**
   * Server time at which ``position`` holds, Unix s; may lie ahead.
   */
  instant: number;
  /**
   * User id of who ordered it; null for the plan itself, and for the room.
   */
  by: string | null;
  reason: 'scheduled' | 'play' | 'pause' | 'seek' | 'rate' | 'rescheduled' | 'waiting' | 'ended';
}
/**
 * Where an accepted invite leads.
 */
export interface Entrance {
  role: 'host' | 'moderator' | 'guest';
  session_id: string;
  show_id: string;
}
/**
 * One episode, as its series lists it.
 */
export interface EpisodeAnswer {
  duration: number | null;
  id: string;
  number: number;
  number_to?: number;
  reason?: string;
  reason_code?: string;
  reason_subject?: string | null;
  season: number | null;
  state: 'ready' | 'preparing' | 'unplayable';
  title: string;
}
/**
 * How far pictures were off in the last minute, each viewer weighing the same; s.
 */
export interface ErrorsRecord {
  max: number | null;
  p50: number | null;
  p95: number | null;
}
/**
 * Where in a request something is wrong, and what.
 */
export interface FieldProblem {
  message: string;
  path: string;
}
/**
 * One film with its tracks and sources.
 */
export interface FilmAnswer {
  audio: TrackAnswer[];
  duration: number | null;
  episode_count?: number;
  id: string;
  language: string | null;
  poster: string | null;
  progress?: number;
  reason?: string;
  reason_code?: string;
  reason_subject?: string | null;
  series_id?: string;
  sources: Source[];
  state: 'ready' | 'preparing' | 'unplayable';
  storyboard: null;
  subtitles: TrackAnswer[];
  title: string;
  type: 'movie' | 'episode' | 'series';
  year: number | null;
}
/**
 * One sound or subtitle track.
 */
export interface TrackAnswer {
  label: string;
  language: string | null;
  n: number;
  url: null;
}
/**
 * One way to play a film.
 */
export interface Source {
  behind?: boolean;
  height: number | null;
  kind: 'file' | 'live';
  progress?: number;
  type: string;
  url?: string;
  width: number | null;
}
/**
 * What a film is called, and which episode it is.
 */
export interface FilmName {
  /**
   * A movie's name; an episode's own title, where it has one, else that of series and number.
   */
  title: string;
  /**
   * Name of the series, of an episode.
   */
  series?: string;
  /**
   * Of an episode: 0 for specials, null where episodes are numbered throughout.
   */
  season?: number | null;
  /**
   * Of an episode.
   */
  number?: number;
  /**
   * The last number where one file holds several episodes.
   */
  number_to?: number;
}
/**
 * Somebody whom the asker has bookmarked.
 */
export interface FriendAnswer {
  bookmark_id: string;
  id: string;
  mutual: boolean;
  name: string;
  watching?: Watching;
}
/**
 * What a friend watches now.
 */
export interface Watching {
  link: string;
  show_id: string;
  title: string;
}
/**
 * A guest passport, where no cookie carries it.
 */
export interface GuestToken {
  token?: string;
}
/**
 * A link into a show.
 */
export interface InviteAnswer {
  created_at: string;
  expires: string | null;
  id: string;
  link: string;
  own: boolean;
  role: 'host' | 'moderator' | 'guest';
  used: number;
  uses: number | null;
}
/**
 * Somebody who came to belong to a show.
 */
export interface JoinedMember {
  created_at: string;
  id: string;
  name: string;
  role: 'host' | 'moderator' | 'guest';
  target_id: string;
  target_type: 'show';
  type: 'member';
  user_id: string;
}
/**
 * What the asker may do, whatever show it is.
 */
export interface May {
  host: boolean;
}
/**
 * What the asker may do in a show.
 */
export interface MayRecord {
  /**
   * Move the film: play, pause, seek, change the rate.
   */
  command: boolean;
  /**
   * Change, reschedule or call off the show, and give roles.
   */
  edit: boolean;
  /**
   * Make, list and revoke links that make guests.
   */
  invite: boolean;
  /**
   * The same with links that make moderators.
   */
  invite_moderators: boolean;
  /**
   * Mute, remove and pardon guests.
   */
  moderate_guests: boolean;
  /**
   * The same with moderators.
   */
  moderate_moderators: boolean;
  /**
   * Take back the messages of others; one's own everybody may.
   */
  delete_messages: boolean;
  /**
   * Be shown how well everybody keeps step.
   */
  see_sync: boolean;
}
/**
 * Who is asking: ``token`` is a new passport, ``before`` a guest whose shows can be taken.
 */
export interface Me {
  before?: Person;
  guest: boolean;
  id: string;
  may: May;
  name: string;
  token?: string;
}
/**
 * Somebody by id and name.
 */
export interface Person {
  id: string;
  name: string;
}
/**
 * What shall be other; a role pardons who was removed.
 */
export interface MemberChange {
  muted?: boolean;
  role?: 'host' | 'moderator' | 'guest';
}
/**
 * A member, as lists and rosters show one.
 */
export interface MemberRecord {
  user: Person;
  role: 'host' | 'moderator' | 'guest';
  muted: boolean;
  state: ('waiting' | 'ready' | 'playing' | 'paused' | 'stalled' | 'background' | 'blocked') | 'away';
  /**
   * Their picture against the timeline, to 10 ms, s; negative is behind.
   */
  error: number | null;
  /**
   * What carries their link.
   */
  transport: string | null;
}
/**
 * Some of a show's messages, ascending by ``seq``.
 */
export interface Messages {
  items: ChatMessageRecord[];
}
/**
 * What to bookmark; a friend is a bookmark of a user.
 */
export interface NewBookmark {
  target_id: string;
  target_type: 'user' | 'movie' | 'series';
}
/**
 * What is asked of the film.
 */
export interface NewCommand {
  action: 'play' | 'pause' | 'seek' | 'rate' | 'next';
  position?: number;
  rate?: number;
  revision?: number;
}
/**
 * What a link shall make of whom, how often and how long.
 */
export interface NewInvite {
  expires?: string;
  role?: 'guest' | 'moderator';
  uses?: number;
}
/**
 * Something to say.
 */
export interface NewMessage {
  id: string;
  text: string;
}
/**
 * What a guest is to be called.
 */
export interface NewPassport {
  name: string;
}
/**
 * A film or an episode, and when it begins.
 */
export interface NewSession {
  movie_time: string;
  target_id: string;
}
/**
 * What to watch, when, and who may do what.
 */
export interface NewShow {
  access?: 'link' | 'friends' | 'invited';
  control?: 'host' | 'moderators' | 'everyone';
  movie_time?: string;
  /**
   * @minItems 1
   * @maxItems 200
   */
  sessions?: [NewSession, ...NewSession[]];
  target_id: string;
  target_type: 'movie' | 'series';
  title?: string;
  waiting?: 'never' | 'start' | 'always';
}
/**
 * Another time for a session; its film can't be another.
 */
export interface NewTime {
  movie_time?: string;
  target_id?: string;
}
/**
 * Which part of a list is wanted.
 */
export interface PageQuery {
  cursor?: string | null;
  limit?: number;
}
/**
 * Some items of a list, and the cursor of the next; null where there are no more.
 */
export interface Page_BookmarkAnswer_ {
  items: BookmarkAnswer[];
  next: string | null;
}
/**
 * Some items of a list, and the cursor of the next; null where there are no more.
 */
export interface Page_FriendAnswer_ {
  items: FriendAnswer[];
  next: string | null;
}
/**
 * Some items of a list, and the cursor of the next; null where there are no more.
 */
export interface Page_InviteAnswer_ {
  items: InviteAnswer[];
  next: string | null;
}
/**
 * Some items of a list, and the cursor of the next; null where there are no more.
 */
export interface Page_MemberRecord_ {
  items: MemberRecord[];
  next: string | null;
}
/**
 * Some items of a list, and the cursor of the next; null where there are no more.
 */
export interface Page_ShowRecord_ {
  items: ShowRecord[];
  next: string | null;
}
/**
 * A show as the asker sees it.
 */
export interface ShowRecord {
  id: string;
  created_at: string;
  user_id: string;
  type: 'show';
  target_id: string;
  target_type: 'movie' | 'series';
  title: string;
  /**
   * When a movie's only session begins.
   */
  movie_time?: string;
  access: 'link' | 'friends' | 'invited';
  control: 'host' | 'moderators' | 'everyone';
  waiting: 'never' | 'start' | 'always';
  /**
   * How long a guest waits from one message to the next, s.
   */
  slow_mode: number;
  /**
   * The show's own link, where the asker may see it.
   */
  link?: string;
  role: 'host' | 'moderator' | 'guest';
  may: MayRecord;
  sessions: SessionRecord[];
  people?: PeopleRecord;
  /**
   * Path of the page by which a member comes in again, where shows are listed.
   */
  entrance?: string;
}
/**
 * One run of one film, as a show lists it.
 */
export interface SessionRecord {
  id: string;
  created_at: string;
  user_id: string;
  type: 'session';
  show_id: string;
  movie_time: string;
  target_id: string;
  target_type: 'movie' | 'episode';
  /**
   * s
   */
  duration: number;
  state: 'scheduled' | 'running' | 'paused' | 'ended';
  film?: FilmName;
}
/**
 * Who belongs to a show: how many, and the first of them.
 */
export interface PeopleRecord {
  total: number;
  first: Person[];
}
/**
 * Some items of a list, and the cursor of the next; null where there are no more.
 */
export interface Page_TitleAnswer_ {
  items: TitleAnswer[];
  next: string | null;
}
/**
 * A movie or an episode, or a series.
 */
export interface TitleAnswer {
  duration: number | null;
  episode_count?: number;
  id: string;
  poster: string | null;
  progress?: number;
  reason?: string;
  reason_code?: string;
  reason_subject?: string | null;
  series_id?: string;
  state: 'ready' | 'preparing' | 'unplayable';
  title: string;
  type: 'movie' | 'episode' | 'series';
  year: number | null;
}
/**
 * Some items of a list, and the cursor of the next; null where there are no more.
 */
export interface Page_ViewAnswer_ {
  items: ViewAnswer[];
  next: string | null;
}
/**
 * What the asker watched of one session.
 */
export interface ViewAnswer {
  company: string[];
  created_at: string;
  duration: number;
  film?: FilmName;
  id: string;
  position: number;
  session_id: string;
  show_id: string;
  target_id: string;
  target_type: 'movie' | 'episode';
  title: string;
  type: 'view';
  updated_at: string;
  user_id: string;
  watched: number;
}
/**
 * A new guest, and what they show from now on.
 */
export interface PassportAnswer {
  token: string;
  user: Person;
}
/**
 * What stands behind a link, before one joins.
 */
export interface Preview {
  duration: number;
  film?: FilmName;
  guests: boolean;
  may?: MayRecord;
  member: boolean;
  movie_time: string;
  next: TimelineRecord | null;
  now: number;
  role?: 'host' | 'moderator' | 'guest';
  session_id: string;
  show_id: string;
  sources: Source[];
  target_id: string;
  timeline: TimelineRecord;
  title: string;
}
/**
 * Why a request was not carried out (RFC 9457).
 */
export interface Problem {
  code: string;
  detail: string;
  errors?: FieldProblem[];
  status: number;
  title: string;
  type: string;
}
/**
 * It can do its work.
 */
export interface Ready {
  status: 'ready';
}
/**
 * A series with its episodes.
 */
export interface SeriesAnswer {
  duration: number | null;
  episode_count?: number;
  episodes: EpisodeAnswer[];
  id: string;
  poster: string | null;
  progress?: number;
  reason?: string;
  reason_code?: string;
  reason_subject?: string | null;
  series_id?: string;
  state: 'ready' | 'preparing' | 'unplayable';
  title: string;
  type: 'movie' | 'episode' | 'series';
  year: number | null;
}
/**
 * One run of one film.
 */
export interface SessionAnswer {
  created_at: string;
  duration: number;
  film?: FilmName;
  id: string;
  movie_time: string;
  show_id: string;
  sources: Source[];
  state: 'scheduled' | 'running' | 'paused' | 'ended';
  target_id: string;
  target_type: 'movie' | 'episode';
  /**
   * The show's.
   */
  title: string;
  type: 'session';
  user_id: string;
}
/**
 * What shall be other.
 */
export interface ShowChange {
  access?: 'link' | 'friends' | 'invited';
  control?: 'host' | 'moderators' | 'everyone';
  slow_mode?: number;
  title?: string;
  waiting?: 'never' | 'start' | 'always';
}
/**
 * Which shows are wanted.
 */
export interface ShowsQuery {
  cursor?: string | null;
  limit?: number;
  when?: 'coming' | 'past';
}
/**
 * Who has signed in, where they wanted to go, and which guest they were before.
 */
export interface SignInAnswer {
  before?: Person;
  to: string;
  user: Person;
}
/**
 * What the Auth service brought back: the token, unless it has set the cookie itself.
 */
export interface SignInReturn {
  state: string;
  token?: string;
}
/**
 * How well a session keeps step: lately in ``error``, since its start in p50 and p95.
 */
export interface SyncRecord {
  error: ErrorsRecord;
  in_step: number;
  p50: number | null;
  p95: number | null;
  rows: ViewerRecord[];
  samples: number;
  /**
   * Who has reported in the last minute.
   */
  viewers: number;
}
/**
 * What a viewer's page said last, and how well it has kept step since the start.
 */
export interface ViewerRecord {
  bound: number | null;
  buffered: number | null;
  delay: number | null;
  dropped: number | null;
  error: number | null;
  p50: number | null;
  p95: number | null;
  /**
   * Unix s.
   */
  reported_at: number | null;
  samples: number;
  seek_cost: number | null;
  start_latency: number | null;
  state: ('waiting' | 'ready' | 'playing' | 'paused' | 'stalled' | 'background' | 'blocked') | 'away';
  transport: string | null;
  user: Person;
}
/**
 * How many shows came along.
 */
export interface TakenAnswer {
  shows: number;
}
/**
 * The timeline in force and the one ahead.
 */
export interface TimelinesRecord {
  next: TimelineRecord | null;
  /**
   * The server's time, Unix s.
   */
  now: number;
  timeline: TimelineRecord;
}
/**
 * Which titles are wanted.
 */
export interface TitleQuery {
  cursor?: string | null;
  limit?: number;
  /**
   * Words that a title's name holds, at most 16
   */
  query?: string;
  type?: ('movie' | 'series') | null;
}
/**
 * A show as other services are told of it.
 */
export interface ToldShow {
  access: 'link' | 'friends' | 'invited';
  control: 'host' | 'moderators' | 'everyone';
  created_at: string;
  id: string;
  movie_time?: string;
  sessions: SessionRecord[];
  slow_mode: number;
  target_id: string;
  target_type: 'movie' | 'series';
  title: string;
  type: 'show';
  user_id: string;
  waiting: 'never' | 'start' | 'always';
}
/**
 * The first word of a conversation.
 */
export interface Hello {
  type: 'hello';
  /**
   * Version of the protocol that the client speaks.
   */
  protocol: number;
  /**
   * Last ``seq`` seen; what was missed follows the welcome.
   */
  after?: number | null;
  /**
   * A passport where neither header nor cookie carried one.
   */
  token?: string | null;
}
/**
 * Asks for the server's time.
 */
export interface Ping {
  type: 'ping';
  /**
   * The client's clock, seconds; only echoed.
   */
  c0: number;
}
/**
 * Asks the room to move the film.
 */
export interface CommandMessage {
  type: 'command';
  /**
   * Chosen by the client, echoed.
   */
  ref: string | number;
  action: 'play' | 'pause' | 'seek' | 'rate' | 'next';
  /**
   * Where to seek, seconds.
   */
  position?: number | null;
  /**
   * Film seconds per second.
   */
  rate?: number | null;
  /**
   * The newest revision known to the client.
   */
  revision?: number | null;
}
/**
 * Says something in the chat.
 */
export interface Say {
  type: 'say';
  /**
   * Chosen by the client, echoed.
   */
  ref: string | number;
  /**
   * Chosen by the client; said twice is stored once.
   */
  id: string;
  text: string;
}
/**
 * Tells that a message is being written.
 */
export interface Typing {
  type: 'typing';
}
/**
 * Tells how a viewer's picture stands against the timeline.
 */
export interface Report {
  type: 'report';
  state: 'waiting' | 'ready' | 'playing' | 'paused' | 'stalled' | 'background' | 'blocked';
  /**
   * The revision that it obeys.
   */
  revision?: number | null;
  /**
   * Picture against timeline, seconds; negative is behind.
   */
  error?: number | null;
  /**
   * Bound of its clock's error, seconds.
   */
  clock_error?: number | null;
  /**
   * 95th percentile of half the round trip, seconds.
   */
  delay?: number | null;
  /**
   * How much lies ready ahead of the picture, seconds.
   */
  buffered?: number | null;
  /**
   * What a seek takes, seconds.
   */
  seek_cost?: number | null;
  /**
   * What a start takes, seconds.
   */
  start_latency?: number | null;
  /**
   * Frames that were not shown.
   */
  dropped?: number | null;
}
/**
 * The answer to ``hello``: how everything stands.
 */
export interface Welcome {
  now: number;
  timeline: TimelineRecord;
  next: TimelineRecord | null;
  type: 'welcome';
  protocol: number;
  user: Person;
  role: 'host' | 'moderator' | 'guest';
  may: MayRecord;
  show: ShowRecord;
  session: SessionRecord;
  roster: RosterRecord;
  /**
   * Of the newest entry of the log.
   */
  seq: number;
  settings: Settings;
  waiting: WaitingRecord | null;
  /**
   * Once the film is over.
   */
  summary: SummaryRecord | null;
}
/**
 * The people of a show, and how many there are.
 */
export interface RosterRecord {
  /**
   * The present first; not all where there are many.
   */
  rows: MemberRecord[];
  present: number;
  total: number;
}
/**
 * What holds for a session.
 */
export interface Settings {
  control: 'host' | 'moderators' | 'everyone';
  waiting: 'never' | 'start' | 'always';
  /**
   * How far ahead each command acts, s.
   */
  leads: {
    [k: string]: number;
  };
  /**
   * User id of who commands for an absent host.
   */
  acting: string | null;
  /**
   * s
   */
  live_delay: number;
}
export interface WaitingRecord {
  for: Person[];
  until: number | null;
}
/**
 * How well a session kept step, over all its viewers.
 */
export interface SummaryRecord {
  /**
   * Half of what was reported was no further off than this, s.
   */
  p50: number;
  /**
   * s
   */
  p95: number;
  viewers: number;
}
/**
 * The answer to ``ping``.
 */
export interface Pong {
  type: 'pong';
  /**
   * As the client sent it.
   */
  c0: number;
  /**
   * When the ping came, Unix s.
   */
  s1: number;
  /**
   * When this was sent, Unix s.
   */
  s2: number;
}
/**
 * Where the film stands from now on.
 */
export interface TimelineChanged {
  now: number;
  timeline: TimelineRecord;
  next: TimelineRecord | null;
  type: 'timeline';
  /**
   * When the film begins now, where that has changed.
   */
  movie_time?: string;
}
/**
 * Somebody said something.
 */
export interface ChatMessage {
  id: string;
  created_at: string;
  user_id: string;
  target_id: string;
  target_type: 'show';
  text: string;
  seq: number;
  name: string;
  session_id: string;
  position: number;
  deleted?: boolean;
  type: 'message';
}
/**
 * A message was taken back.
 */
export interface Deleted {
  type: 'deleted';
  seq: number;
  id: string | null;
  by: string;
}
/**
 * Who did what; ``from`` says where the film stood before a seek.
 */
export interface Notice {
  from?: number;
  type: 'notice';
  seq: number;
  kind:
    | 'acting'
    | 'joined'
    | 'left'
    | 'paused'
    | 'played'
    | 'sought'
    | 'rate'
    | 'rescheduled'
    | 'moved_to_session'
    | 'role'
    | 'removed'
    | 'renamed';
  /**
   * User id; null: the room by itself.
   */
  by: string | null;
  /**
   * Theirs at that time.
   */
  name: string;
  /**
   * Where the film stood, s.
   */
  position: number;
  /**
   * Where ``moved_to_session``, the session that the room goes on to.
   */
  session_id: string;
  /**
   * The newest one then; of a move the one that it made.
   */
  revision: number;
  created_at: string;
  /**
   * Where ``moved_to_session``, the session that the room leaves; ``revision`` is of that one.
   */
  from_session_id?: string;
  /**
   * Where ``moved_to_session``, when the room goes on, Unix s; at most 15 s ahead.
   */
  instant?: number;
  /**
   * Of a command that has stopped a ``moved_to_session``, the session that the room does not go
   * on to; by null: that session waits until the room does.
   */
  stays_from?: string;
  /**
   * Why the room acted by itself.
   */
  reason?: 'waiting';
  /**
   * The new rate, where ``rate``.
   */
  rate?: number | null;
  user?: Person;
  /**
   * The role that they have now, where ``role``.
   */
  role?: 'host' | 'moderator' | 'guest';
}
/**
 * The rows that changed.
 */
export interface Members {
  rows: MemberRecord[];
  present: number;
  total: number;
  type: 'members';
}
/**
 * What the receiver may do has changed.
 */
export interface RightsChanged {
  type: 'rights';
  role: 'host' | 'moderator' | 'guest';
  may: MayRecord;
}
/**
 * The show's title or rules have changed.
 */
export interface ShowChanged {
  type: 'show';
  title: string;
  access: 'link' | 'friends' | 'invited';
  control: 'host' | 'moderators' | 'everyone';
  waiting: 'never' | 'start' | 'always';
  /**
   * How long a guest waits from one message to the next, s.
   */
  slow_mode: number;
  /**
   * User id of who commands for an absent host.
   */
  acting: string | null;
  /**
   * All of its sessions, where these have changed.
   */
  sessions?: SessionRecord[];
}
/**
 * Whom the room waits for has changed.
 */
export interface WaitingChanged {
  for: Person[];
  until: number | null;
  type: 'waiting';
}
/**
 * The film is over, and so well was step kept.
 */
export interface Summary {
  p50: number;
  p95: number;
  viewers: number;
  type: 'summary';
}
/**
 * Somebody is writing a message.
 */
export interface SomebodyTyping {
  type: 'typing';
  user: Person;
}
/**
 * What was asked for with ``ref`` is done.
 */
export interface Accepted {
  type: 'accepted';
  ref: string | number;
  /**
   * The one that a command made, or that stands.
   */
  revision?: number;
  /**
   * The place of a message in the log.
   */
  seq?: number;
}
/**
 * What was asked for is not done.
 */
export interface Refusal {
  type: 'refused';
  /**
   * Null where it can't be made out.
   */
  ref: string | number | null;
  /**
   * Stable; the page has its own words for it.
   */
  code: string;
  /**
   * For developers.
   */
  detail: string;
  /**
   * s
   */
  retry_after?: number;
}
/**
 * The last message before the server closes the link.
 */
export interface Goodbye {
  type: 'goodbye' | 'removed';
  /**
   * Why, as a WebSocket's close code says it, whatever carries the link.
   */
  code: number;
  /**
   * For developers.
   */
  reason: string;
}
