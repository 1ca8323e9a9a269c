/** Key of the transaction-level advisory lock under which commits take turns ("boxoff" in ASCII). */
export const COMMIT_LOCK = 0x62_6f_78_6f_66_66n;

/** The channel that wakes subscribers; without a payload, so that a commit wakes them once. */
export const APPENDED_CHANNEL = "eventstore_appended";

/** What became of one append of a commit; the numbers are what the SQL function returns. */
export const OUTCOME = { recorded: 0, wrongRevision: 1, resent: 2, idsReused: 3 } as const;

/** How an expected revision that is no number is written: -1 is also what a missing stream is at. */
export const EXPECTED = { "no-stream": -1, any: -2, "stream-exists": -3 } as const;

/**
 * One commit: records every append whose stream is where it is expected, each with an outcome of its own, in one round
 * trip. The arrays of appends (`p_stream`, `p_expected`, `p_count`) have an element for each append, those of events an
 * element for each event in the same order; a stream comes at most once.
 *
 * The lock is held until the commit is durable, and each statement takes its snapshot after it was got. So positions
 * are given out and become visible in the same order, without gaps: whoever sees position n sees everything before it.
 *
 * Sending again is recognised by place: with an expected revision (or none: no-stream) the events that follow it in the
 * stream are compared, id and bytes. Where no place is named (any, stream-exists) the events are found by id, through an
 * index that holds only events appended that way; so appends that name a place pay for no index on ids.
 *
 * Returns (outcome, revision, position) of each append in order. Revision and position are those of its last event, and
 * for a wrong revision the stream's last revision, -1 where there is none.
 *
 * Nothing is ever updated, so there are no dead rows to step over, not even while a long transaction (a dump, a rebuild)
 * keeps vacuum from removing them: a stream's revision is the last one in the index on its events. The index is searched
 * from the expected revision on, because that reads one entry where the stream's end would read a page of them.
 *
 * A stream's id is the position of its first event. Events find what was decided about their append by subscript, not
 * by a join. Plan choices are pinned because plans are kept: one made when `streams` was empty must still be right when
 * it holds a million.
 */
export const APPEND_FUNCTION = `
create or replace function eventstore.append_v1(
  p_stream text[], p_expected bigint[], p_count integer[],
  p_append integer[], p_id uuid[], p_type text[], p_data json[], p_metadata json[]
) returns table (o_outcome integer, o_revision bigint, o_position bigint)
language plpgsql volatile
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $append$
declare
  v_head bigint;
  v_stream_id bigint[];
  v_last bigint[];
  v_outcome integer[];
  v_revision bigint[];
  v_position bigint[];
  v_position_offset bigint[];
  v_revision_offset bigint[];
  v_all_in_place boolean;
  v_done integer := 0;
  v_judged record;
begin
  perform pg_advisory_xact_lock(${COMMIT_LOCK});
  select coalesce(max(e.position), 0) into v_head from eventstore.events e;

  -- An array that is null takes on the first subscript that is written to, and would be read from there on as from its
  -- first append: those that are judged got each other's revisions and positions.
  select array_agg(a.id order by a.n), array_agg(a.last order by a.n), array_agg(0), bool_and(a.last = a.expected),
         array_agg(null::bigint), array_agg(null::bigint)
    into v_stream_id, v_last, v_outcome, v_all_in_place, v_revision, v_position
    from (select a.n, a.expected, s.id, coalesce(s.last, -1) as last
            from unnest(p_stream, p_expected) with ordinality as a(stream, expected, n)
            left join lateral (
              select id, (select max(e.revision) from eventstore.events e
                           where e.stream_id = streams.id and e.revision >= a.expected) as last
                from eventstore.streams where name = a.stream offset 0) s on true) a;

  if not v_all_in_place then
    for i in 1 .. cardinality(p_stream) loop
      if v_last[i] <> p_expected[i] then
        v_judged := eventstore.judge_v1(
          v_stream_id[i], p_expected[i],
          p_id[v_done + 1 : v_done + p_count[i]], p_type[v_done + 1 : v_done + p_count[i]],
          p_data[v_done + 1 : v_done + p_count[i]], p_metadata[v_done + 1 : v_done + p_count[i]]);
        v_outcome[i] := v_judged.o_outcome;
        v_last[i] := v_judged.o_last;
        v_revision[i] := v_judged.o_revision;
        v_position[i] := v_judged.o_position;
      end if;
      v_done := v_done + p_count[i];
    end loop;
  end if;

  if ${OUTCOME.recorded} = any (v_outcome) then
    select array_agg(case when taken then coalesce(stream_id, head_after - count + 1) end order by n),
           array_agg(case when taken then last + count else revision end order by n),
           array_agg(case when taken then head_after else position end order by n),
           array_agg(last - events_before order by n),
           array_agg(head_after - count - events_before order by n)
      into v_stream_id, v_revision, v_position, v_revision_offset, v_position_offset
      from (select a.*, outcome = ${OUTCOME.recorded} as taken, sum(count) over upto - count as events_before,
                   v_head + sum(case when outcome = ${OUTCOME.recorded} then count else 0 end) over upto as head_after
              from unnest(p_count, v_stream_id, v_last, v_outcome, v_revision, v_position)
                   with ordinality as a(count, stream_id, last, outcome, revision, position, n)
            window upto as (order by n)) a;

    if -1 = any (v_last) then
      insert into eventstore.streams (id, name)
      select a.id, a.name from unnest(v_stream_id, p_stream, v_last, v_outcome) as a(id, name, last, outcome)
       where a.last = -1 and a.outcome = ${OUTCOME.recorded};
    end if;

    insert into eventstore.events (position, stream_id, revision, event_id, type, data, metadata, anywhere)
    select v_position_offset[e.append] + e.k, v_stream_id[e.append], v_revision_offset[e.append] + e.k,
           e.id, e.type, e.data, e.metadata, p_expected[e.append] < ${EXPECTED["no-stream"]}
      from unnest(p_append, p_id, p_type, p_data, p_metadata) with ordinality as e(append, id, type, data, metadata, k)
     where v_outcome[e.append] = ${OUTCOME.recorded};

    perform pg_notify('${APPENDED_CHANNEL}', '');
  end if;

  return query select * from unnest(v_outcome, v_revision, v_position);
end
$append$`;

/**
 * Judges one append whose stream is not at the revision it names: recorded before with the same bytes, ids used before
 * with other bytes, welcome where it is (any, stream-exists), or wrong.
 */
export const JUDGE_FUNCTION = `
create or replace function eventstore.judge_v1(
  p_stream_id bigint, p_expected bigint, p_id uuid[], p_type text[], p_data json[], p_metadata json[],
  out o_outcome integer, out o_last bigint, out o_revision bigint, out o_position bigint
) language plpgsql stable
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set enable_hashjoin = off
set plan_cache_mode = force_generic_plan
as $judge$
declare
  v_before bigint := p_expected;
  v_same integer;
  v_same_ids integer;
begin
  select coalesce(max(e.revision), -1) into o_last from eventstore.events e where e.stream_id = p_stream_id;
  if p_expected < ${EXPECTED["no-stream"]} then
    select min(e.revision) - 1 into v_before
      from unnest(p_id) as w(id)
      join eventstore.events e on e.event_id = w.id and e.anywhere
     where e.stream_id = p_stream_id;
    if v_before is null then
      o_outcome := case when p_expected = ${EXPECTED["stream-exists"]} and o_last = -1
                        then ${OUTCOME.wrongRevision} else ${OUTCOME.recorded} end;
      o_revision := o_last;
      return;
    end if;
  end if;

  select count(*) filter (where e.event_id = w.id and e.type = w.type and e.data::text = w.data::text
                            and e.metadata::text = w.metadata::text),
         count(*) filter (where e.event_id = w.id), max(e.position)
    into v_same, v_same_ids, o_position
    from unnest(p_id, p_type, p_data, p_metadata) with ordinality as w(id, type, data, metadata, k)
    join eventstore.events e on e.stream_id = p_stream_id and e.revision = v_before + w.k;

  if v_same = cardinality(p_id) then
    o_outcome := ${OUTCOME.resent};
    o_revision := v_before + v_same;
  else
    o_outcome := case when v_same_ids > 0 or p_expected < ${EXPECTED["no-stream"]}
                      then ${OUTCOME.idsReused} else ${OUTCOME.wrongRevision} end;
    o_revision := o_last;
  end if;
end
$judge$`;
