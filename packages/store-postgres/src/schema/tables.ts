/**
 * The tables of one schema. Amounts are whole numbers below 2^53, instants are epoch milliseconds
 * by the server's clock. Ids of any length arrive as keys of bounded length; texts that are read
 * back are stored escaped.
 */
export function tables(schema: string): string {
  return `
create table if not exists ${schema}.burnrate_meta (name text primary key, value bigint not null);
insert into ${schema}.burnrate_meta values ('version', 0), ('maintained_ms', 0), ('kill_epoch', 0)
  on conflict (name) do nothing;

create table if not exists ${schema}.accounts (
  no bigint generated always as identity primary key,
  id text collate "C" not null unique,
  ephemeral boolean not null,
  ends_ms bigint not null, -- the largest bigint: never
  slice_ms bigint not null, -- 0: a fixed window
  slots integer not null,
  money_limit bigint not null,
  limit_version bigint not null,
  settled bigint not null default 0,
  held bigint not null default 0,
  leased bigint not null default 0,
  unknown bigint not null default 0,
  corrections bigint not null default 0,
  newest_slice bigint not null default -1,
  ring_settled bigint[],
  ring_unknown bigint[],
  created_ms bigint not null,
  touched_ms bigint not null
) with (fillfactor = 50);
create index if not exists accounts_ended on ${schema}.accounts (ends_ms)
  where ends_ms < 9223372036854775807;
create index if not exists accounts_idle on ${schema}.accounts (created_ms)
  where ephemeral or slots > 0;

create table if not exists ${schema}.reservations (
  id text collate "C" primary key,
  accounts bigint[] not null,
  amounts bigint[] not null,
  slices bigint[] not null, -- of rolling windows; empty where there is none
  corrections bigint[], -- of each account when the end became unknown
  state smallint not null, -- 0 held, 1 unknown, 2 ended, 3 expired before dispatch
  dispatched boolean not null,
  lasts_ms bigint not null, -- each dispatch prolongs to at least this long
  expires_ms bigint not null
) with (fillfactor = 70);
alter table ${schema}.reservations
  add column if not exists attempts integer not null default 1; -- that share it
create index if not exists reservations_expiry on ${schema}.reservations (state, expires_ms);

create table if not exists ${schema}.charges (
  id text collate "C" primary key,
  expires_ms bigint not null
);
create index if not exists charges_expiry on ${schema}.charges (expires_ms);

create table if not exists ${schema}.leases (
  id text collate "C" primary key,
  account bigint not null,
  granted bigint not null,
  kept bigint not null,
  settled bigint not null default 0,
  unknown bigint not null default 0,
  corrected bigint not null default 0, -- the part of unknown that a correction counts already
  corrections bigint not null,
  slice bigint not null,
  revision bigint not null default 0,
  expired boolean not null default false,
  expires_ms bigint not null
) with (fillfactor = 50);
create index if not exists leases_expiry on ${schema}.leases (expired, expires_ms);

create table if not exists ${schema}.kill_log (
  epoch bigint primary key,
  kind text not null,
  subject text not null,
  expires_ms bigint,
  entry text not null
);
create index if not exists kill_log_subject on ${schema}.kill_log (kind, subject, epoch);

create table if not exists ${schema}.processes (
  id text collate "C" primary key,
  name text not null,
  expires_ms bigint not null
);
create table if not exists ${schema}.acknowledgements (
  kill_id text collate "C" not null,
  process_id text collate "C" not null,
  process text not null,
  aborted bigint not null,
  at_ms bigint not null,
  primary key (kill_id, process_id)
);
create index if not exists acknowledgements_age on ${schema}.acknowledgements (at_ms);

create table if not exists ${schema}.state (
  id text collate "C" primary key,
  key text collate "C" not null,
  value text not null,
  revision bigint not null
);
create index if not exists state_prefix on ${schema}.state (substr(key, 1, 400));

create table if not exists ${schema}.outbox (
  no bigint generated always as identity primary key,
  id text collate "C" not null unique,
  name text not null,
  topic text collate "C" not null,
  body text not null,
  due_ms bigint not null,
  claimed_until_ms bigint not null default 0,
  attempts bigint not null default 0,
  done_ms bigint
);
create index if not exists outbox_waiting on ${schema}.outbox (topic, due_ms, no) where done_ms is null;
create index if not exists outbox_done on ${schema}.outbox (done_ms) where done_ms is not null;
`;
}
