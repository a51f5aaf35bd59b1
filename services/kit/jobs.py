"""How does work happen later, for sure? A task is a row; a job is only a wake-up to look at it.

A task says that something about one row of the service is still to be done: kind, key, when, how
often tried. It is written in the transaction that makes it necessary and goes when it is done.
pgqueuer carries the wake-ups: one that is lost is swept up, one that comes twice or late finds
nothing to do or repeats something harmless. A task that fails comes back with growing pauses, and
is parked for an operator after too many tries, also when it kills its process.
"""

import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, Sequence, Table, Text, Uuid, func, text

from services.kit.clock import Clock
from services.kit.db import Database, Timestamp, Tx, prepared
from services.kit.errors import Unavailable
from services.kit.idempotency import metadata
from services.kit.telemetry import log, record_job, record_swept
from services.kit.tracing import tracer

Handler = Callable[[UUID], Awaitable[None]]
Sweep = Callable[[], Awaitable[None]]

SWEEP_GRACE = timedelta(seconds=60)
_MAX_TRIES = 20
_FIRST_PAUSE = timedelta(seconds=0.5)
_LONGEST_PAUSE = timedelta(minutes=30)
_SWEEP_LIMIT = 500

# Never the same twice, also for a task that is done and booked anew: whoever holds an old version,
# a wake-up or a claim, holds nothing.
_versions = Sequence("tasks_version", metadata=metadata)

tasks = Table(
    "tasks",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("due_time", Timestamp, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("parked_time", Timestamp),
    Column("create_time", Timestamp, nullable=False, server_default=func.now()),
    Index("tasks_due", "due_time", postgresql_where=text("parked_time IS NULL")),
    Index("tasks_parked", "parked_time", postgresql_where=text("parked_time IS NOT NULL")),
)

# The layout of pgqueuer's table is its own: tests/kit/test_jobs.py holds this against each release.
_ENQUEUE = """
    INSERT INTO {queue} (priority, entrypoint, payload, execute_after, dedupe_key, headers, status)
    SELECT 0, 'task', convert_to(kind || ':' || key, 'UTF8'), now() + make_interval(secs => :wait),
           kind || ':' || key || ':' || version, '{{}}', 'queued'
    FROM booked
    ON CONFLICT (dedupe_key)
    WHERE status = ANY (ARRAY['queued'::{queue}_status, 'picked'::{queue}_status])
      AND dedupe_key IS NOT NULL
    DO NOTHING
    RETURNING id
"""
_BOOK = """
WITH booked AS (
    INSERT INTO tasks (kind, key, version, due_time)
    VALUES (:kind, :key, nextval('tasks_version'), :due)
    ON CONFLICT (kind, key) DO UPDATE SET
        version = excluded.version, due_time = excluded.due_time, tries = 0, parked_time = NULL
    RETURNING kind, key, version
)"""
_BOOK_MISSING = """
WITH booked AS (
    INSERT INTO tasks (kind, key, version, due_time)
    SELECT :kind, key, nextval('tasks_version'), :due FROM unnest(CAST(:keys AS uuid[])) AS key
    ON CONFLICT (kind, key) DO NOTHING
    RETURNING kind, key, version
)"""
_REBOOK = """
WITH booked AS (
    UPDATE tasks SET version = nextval('tasks_version'),
        due_time = :due, tries = :tries, last_error = :error
    WHERE kind = :kind AND key = :key AND version = :version
    RETURNING kind, key, version
)"""
_OVERDUE = """
WITH booked AS (
    SELECT kind, key, version FROM tasks WHERE due_time < :overdue AND parked_time IS NULL
    ORDER BY due_time LIMIT :limit
)"""
_CLAIM = prepared(
    text("""
    UPDATE tasks SET tries = tries + 1 WHERE kind = :kind AND key = :key AND parked_time IS NULL
    RETURNING version, due_time, tries
""")
)
_PARK = prepared(
    text("""
    UPDATE tasks SET parked_time = :now WHERE kind = :kind AND key = :key AND version = :version
""")
)
_DONE = prepared(text("DELETE FROM tasks WHERE kind = :kind AND key = :key AND version = :version"))
_PURGE = (
    "DELETE FROM responses WHERE create_time < CAST(:now AS timestamptz) - interval '30 days'",
    "DELETE FROM {queue}_log WHERE aggregated AND created < now() - interval '7 days'",
)
_DUE = prepared(
    text("""
    SELECT kind, key FROM tasks WHERE due_time <= :now AND parked_time IS NULL ORDER BY due_time
""")
)


class RetryLater(Exception):
    """Raised by a handler that has to wait for somebody; it is no error yet."""

    def __init__(self, message: str, pause: timedelta | None = None) -> None:
        super().__init__(message)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to one try at a task."""

    kind: str
    key: UUID
    version: int
    tries: int


class Jobs:
    """The tasks of one service and the handlers that do them, each a function of its row."""

    def __init__(self, service: str, db: Database, clock: Clock) -> None:
        self.service = service
        self.handlers: dict[str, Handler] = {}
        self.sweeps: list[Sweep] = [self.sweep]
        self._db = db
        self._clock = clock
        queue = f"{service}_pgqueuer"
        enqueue = _ENQUEUE.format(queue=queue)
        self._purges = [prepared(text(s.format(queue=queue))) for s in _PURGE]
        self._book = prepared(text(_BOOK + enqueue))
        self._book_missing = prepared(text(_BOOK_MISSING + enqueue))
        self._rebook = prepared(text(_REBOOK + enqueue))
        self._wake_overdue = prepared(text(_OVERDUE + enqueue))

    def on(self, kind: str, handler: Handler) -> None:
        self.handlers[kind] = handler

    async def wake(self, tx: Tx, kind: str, key: UUID, due: datetime | None = None) -> None:
        """Book a task, or book it anew. Last statement of a transaction; several by sorted keys."""
        now = self._clock()
        due = due or now
        wait = max(0.0, (due - now).total_seconds())
        await tx.fetch(self._book, {"kind": kind, "key": key, "due": due, "wait": wait})

    async def wake_missing(self, kind: str, keys: Collection[UUID]) -> None:
        """Book a task for each key that has none, for sweeps that find what is due."""
        if keys:
            due = {"kind": kind, "keys": sorted(keys), "due": self._clock(), "wait": 0.0}
            await self._db.fetch(self._book_missing, due)

    async def run(self, kind: str, key: UUID) -> None:
        """Give a task one try. Raises nothing: what fails is booked again."""
        claim = await self._claim(kind, key)
        if claim is None:
            return
        try:
            with tracer.start_as_current_span(f"{self.service}.{kind}"):
                await self.handlers[kind](key)
        except Exception as error:  # noqa: BLE001 - whatever it is, the task must not be lost
            await self._failed(claim, error)
        else:
            done = {"kind": kind, "key": key, "version": claim.version}
            await self._db.fetch(_DONE, done)
            record_job(self.service, kind, "done")

    async def run_due(self) -> int:
        """Try all tasks that are due, in this process, and say how many they were."""
        due = await self._db.fetch(_DUE, {"now": self._clock()})
        for row in due:
            await self.run(row.kind, row.key)
        return len(due)

    async def sweep(self) -> None:
        """Wake again what is overdue: its wake-up was lost."""
        overdue = {"overdue": self._clock() - SWEEP_GRACE, "limit": _SWEEP_LIMIT, "wait": 0.0}
        woken = await self._db.fetch(self._wake_overdue, overdue)
        record_swept(self.service, len(woken))

    async def purge(self) -> None:
        """Forget responses that nobody retries any more, and wake-ups long done."""
        responses, log_ = self._purges
        await self._db.fetch(responses, {"now": self._clock()})
        await self._db.fetch(log_)

    async def _claim(self, kind: str, key: UUID) -> Claim | None:
        """Count a try before it is made, so that one that kills the process counts as well."""
        rows = await self._db.fetch(_CLAIM, {"kind": kind, "key": key})
        if not rows:
            return None
        [row] = rows
        now = self._clock()
        claim = Claim(kind, key, row.version, row.tries)
        if row.due_time > now:
            await self._again(claim, row.due_time, tries=claim.tries - 1, error=None)
            return None
        if claim.tries > _MAX_TRIES:
            parked = {"kind": kind, "key": key, "version": claim.version, "now": now}
            await self._db.fetch(_PARK, parked)
            log.error("a task is parked", service=self.service, kind=kind, key=str(key))
            record_job(self.service, kind, "parked")
            return None
        return claim

    async def _failed(self, claim: Claim, error: Exception) -> None:
        patient = isinstance(error, RetryLater | Unavailable)
        record_job(self.service, claim.kind, "waiting" if patient else "failed")
        log.warning(
            "a task is tried again",
            service=self.service,
            kind=claim.kind,
            key=str(claim.key),
            tries=claim.tries,
            reason=str(error),
            exc_info=None if patient else error,
        )
        pause = (error.pause if isinstance(error, RetryLater) else None) or backoff(claim.tries)
        tries = min(claim.tries, _MAX_TRIES - 1) if patient else claim.tries
        await self._again(claim, self._clock() + pause, tries=tries, error=repr(error))

    async def _again(self, claim: Claim, due: datetime, *, tries: int, error: str | None) -> None:
        parameters = {
            "kind": claim.kind,
            "key": claim.key,
            "version": claim.version,
            "due": due,
            "tries": tries,
            "error": error,
            "wait": max(0.0, (due - self._clock()).total_seconds()),
        }
        await self._db.fetch(self._rebook, parameters)


def backoff(tries: int) -> timedelta:
    """A pause that doubles with every try, with jitter so that neighbours are not hit at once."""
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(tries - 1, 20)))
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it
