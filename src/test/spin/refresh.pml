/*
 * The refresh protocol as a model for Spin. src/site/markdown/concepts/refresh-model.md explains it beside the SQL; ./check runs it.
 *
 * One credential, its row, replicas with a journal each, and a strict provider: it accepts each refresh token once, and refuses a spent
 * one or ends the grant. Each statement of the database is one step. A replica can crash between any two steps; requests, responses and
 * the answers of statements are lost or late.
 *
 * Each switch NO_... leaves out one guard of the code; an assertion must fail then.
 *
 * Time is a stage of each attempt, not a number:
 *   0  the lease has time for a whole request
 *   1  it has no such time left, or has ended; the quarantine is not over
 *   2  the quarantine is over
 * A stage can end at any time, with one exception, which the timers guarantee: the quarantine does not end while the attempt has passed
 * its check and waits for the provider. The request has a deadline, and a process that hangs is killed earlier. One thing is assumed of
 * the network: the provider handles a request before the quarantine ends, or never.
 */

/* The bounds of a run; ./check sets them. */
#ifndef REPLICAS
#define REPLICAS 3
#endif
#ifndef LEASES
#define LEASES 3      /* how many leases are taken */
#endif
#ifndef CRASHES
#define CRASHES 1     /* each may be followed by a restart */
#endif
#ifndef FAULTS
#define FAULTS 1      /* how many statements fail, or lose their answer */
#endif
#ifndef VERSIONS
#define VERSIONS 0    /* 1: reading the row and taking the lease are two steps */
#endif
#ifndef SHARED
#define SHARED 0      /* 1: the replicas share one directory of journals */
#endif
#ifndef USERS
#define USERS 0       /* 1: the user revokes the grant, connects again, or both */
#endif
#ifndef FAILOVERS
#define FAILOVERS 0   /* 1: a standby that lacks the last commits is promoted */
#endif

/* The status of the row. */
#define ACTIVE  0
#define REVOKED 1
#define ENDED   2     /* reauth_required */

/* Refresh tokens: the first grant has 0, 1, 2 ..., the grant of a second connect 10, 11 ... */
#define GRANT(t) ((t) / 10)
#define SECOND   10
#define REFUSED  99   /* the response invalid_grant */

/* The request of an attempt. */
#define IN_TRANSIT 1
#define ANSWERED   2
#define OVER       3

/* The entry of an attempt in a journal. */
#define UNSETTLED 1
#define SETTLED   2

/* ---- state ---------------------------------------------------------------------------------------------------------------------- */

/* The row. Its lease_until and unresolved follow from the stage of the attempt that has the lease. */
byte tok = 0;            /* encrypted_refresh_token */
byte tepoch = 0;         /* token_epoch */
byte lepoch = 0;         /* lease_epoch */
byte lease = 0;          /* lease_attempt; 0 is NULL */
byte status = ACTIVE;
#if USERS
byte revoked_epoch = 0;
byte outbox = 0;         /* the newest token of the first grant in the revocation outbox, plus one */
bool revoked = 0;        /* the first grant was revoked at some time */
#endif

#if FAILOVERS
byte s_tok, s_tepoch, s_lepoch, s_lease, s_status; /* the row in the standby, when it is promoted */
bool copy = 0;           /* 1: after the failover */
bool done[REPLICAS];     /* this replica replayed its journal into the new copy */
bool off[REPLICAS];      /* this replica is away, and is not waited for any longer */
#endif

/* Attempts, by their id. */
byte attempts = 0;
byte own[LEASES + 1];    /* the replica; for an entry of the journal, whose files it is in */
byte ep[LEASES + 1];     /* the epoch of the lease */
byte old[LEASES + 1];    /* the refresh token that the lease returned */
byte ans[LEASES + 1];    /* the refresh token of the response */
byte net[LEASES + 1];    /* where the request is */
byte entry[LEASES + 1];  /* the entry of the journal */
byte stage[LEASES + 1];  /* the time, see above */
bool sent[LEASES + 1];
bool waiting[LEASES + 1];/* it has passed its check, and sends or waits for the provider */
bool fresh[LEASES + 1];  /* token_version is still the one of the lease */
#if FAILOVERS
byte pending[LEASES + 1];/* 1: it may send or get a response; 2: the same, and its process is gone */
bool there[LEASES + 1];  /* the lease was taken in the new copy */
#endif

/* What only the assertions use. */
bool kept[LEASES + 1];   /* the response was in a journal at some time */
byte stored[LEASES + 1]; /* how many leases there were when the response was first in the database */
bool given[LEASES + 1];  /* a caller has the access token of the response */
#if SHARED
byte moved[LEASES + 1];  /* how many leases there were when the entry was taken over */
#endif

/* Replicas. */
byte down[REPLICAS];     /* 1: killed, 2: its memory is gone, 3: it starts again */
bool used[REPLICAS];     /* it had a lease. Replicas without one are alike, so the first lease of all is that of replica 0, and so on */
#if VERSIONS
bool seen[REPLICAS];     /* it knows the present token_version */
#endif

/* The provider: for each grant the number of the only refresh token that works, and whether it ended the grant. */
byte cur[2];
bool dead[2];
#define WORKS(t) (!dead[GRANT(t)] && (t) % 10 == cur[GRANT(t)])

byte crashes = CRASHES;
byte faults = FAULTS;

hidden byte i, x;

#define A(b) (b <= attempts)
#if LEASES == 2
#define ANY(P)  (P(1) || P(2))
#define PICK(P) if :: P(1) -> x = 1 :: P(2) -> x = 2 fi
#define ANY_OF(P, r) (P(1, r) || P(2, r))
#elif LEASES == 3
#define ANY(P)  (P(1) || P(2) || P(3))
#define PICK(P) if :: P(1) -> x = 1 :: P(2) -> x = 2 :: P(3) -> x = 3 fi
#define ANY_OF(P, r) (P(1, r) || P(2, r) || P(3, r))
#else
#define ANY(P)  (P(1) || P(2) || P(3) || P(4))
#define PICK(P) if :: P(1) -> x = 1 :: P(2) -> x = 2 :: P(3) -> x = 3 :: P(4) -> x = 4 fi
#define ANY_OF(P, r) (P(1, r) || P(2, r) || P(3, r) || P(4, r))
#endif

/* A place that a search must reach, or it has looked at nothing. With -DCOVER the verifier prints each name once. */
#ifdef COVER
c_decl {
  static void cover(const char *name) {
    static const char *known[64];
    int n;
    for (n = 0; known[n]; n++) { if (known[n] == name) { return; } }
    known[n] = name;
    printf("reached %s\n", name);
  }
}
#define REACHED(name) c_code { cover(#name); }
#else
#define REACHED(name) skip
#endif

/* ---- statements ----------------------------------------------------------------------------------------------------------------- */

#if defined(NO_LEASE)
#define LEASE_FREE true
#elif defined(NO_LEASE_END)
#define LEASE_FREE (lease == 0)
#elif defined(NO_QUARANTINE)
#define LEASE_FREE (lease == 0 || stage[lease] >= 1)
#else
#define LEASE_FREE (lease == 0 || stage[lease] == 2)
#endif

#if !VERSIONS || defined(NO_VERSION_CHECK)
#define KNOWS_VERSION(r) true
#else
#define KNOWS_VERSION(r) seen[r]
#endif

#if defined(NO_FENCE)
#define PASSES(a) (status != REVOKED)
#elif defined(NO_REVOCATION_FENCE)
#define PASSES(a) (tepoch < ep[a])
#else
#define PASSES(a) (status != REVOKED && tepoch < ep[a])
#endif

#ifdef NO_ATTEMPT_ID_AT_SAME_EPOCH
#define OWN_LEASE(a) (lepoch == ep[a])
#else
#define OWN_LEASE(a) (lepoch == ep[a] && (lease == 0 || lease == a))
#endif

#ifdef NO_VERSION_IN_REJECT
#define REJECTABLE(a) (status == ACTIVE && OWN_LEASE(a) && lease != 0)
#else
#define REJECTABLE(a) (status == ACTIVE && OWN_LEASE(a) && lease != 0 && fresh[a])
#endif

inline new_version() {
  for (i : 1 .. LEASES) { fresh[i] = 0 }
#if VERSIONS
  for (i : 0 .. REPLICAS - 1) { seen[i] = 0 }
#endif
}

/* COMPLETE. Afterwards `x` says whether it changed the row. */
inline complete(a) {
  if
  :: PASSES(a) ->
     assert(status != REVOKED);          /* a revoked grant stays revoked */
     assert(ans[a] >= tok);              /* the newest response wins */
     if :: OWN_LEASE(a) -> lease = 0 :: else fi;
     tok = ans[a];
     tepoch = ep[a];
#ifndef NO_EPOCH_RAISE
     if :: lepoch < ep[a] -> lepoch = ep[a] :: else fi;
#endif
     status = ACTIVE;
     printf("COMPLETE of attempt %d: the row has token %d of epoch %d\n", a, tok, tepoch);
     new_version();
     if :: !stored[a] -> stored[a] = attempts :: else fi;
     x = 1
  :: else ->
     printf("the fence rejects the response of attempt %d\n", a);
     x = 0
  fi
}

/* ADD of the revocation outbox, after the fence rejected a response. */
#ifdef NO_REVOKED_EPOCH
#define REVOKED_SINCE(a) (status == REVOKED)
#else
#define REVOKED_SINCE(a) (status == REVOKED || revoked_epoch > ep[a])
#endif

inline add_if_revoked(a) {
#if USERS
  if
  :: REVOKED_SINCE(a) && GRANT(ans[a]) == 0 && ans[a] + 1 > outbox ->
     outbox = ans[a] + 1;
     REACHED(response_across_revocation);
     printf("the outbox gets token %d\n", ans[a])
  :: else
  fi
#else
  skip
#endif
}

/* What else is known of an attempt no longer matters. */
inline forget(a) {
  sent[a] = 0; net[a] = 0; old[a] = 0; fresh[a] = 0; given[a] = 0;
#if FAILOVERS
  pending[a] = 0; there[a] = 0;
#endif
  if :: lease != a -> stage[a] = 2 :: else fi
}

inline settle(a) {
  entry[a] = SETTLED;
  forget(a)
}

/* ---- after a failover ----------------------------------------------------------------------------------------------------------- */

#if FAILOVERS
#define NOT_AWAITED(r) (done[r] || off[r])
#if REPLICAS == 2
#define ALL_REPLAYED (NOT_AWAITED(0) && NOT_AWAITED(1))
#else
#define ALL_REPLAYED (NOT_AWAITED(0) && NOT_AWAITED(1) && NOT_AWAITED(2))
#endif
#endif

#if !FAILOVERS || defined(NO_UNSETTLED_WAIT)
#define MAY_SPEND true
#else
#define MAY_SPEND (!copy || (done[r] && ALL_REPLAYED))
#endif

#if !FAILOVERS || defined(NO_LEASE_OF_THIS_COPY)
#define OF_THIS_COPY(a) true
#else
#define OF_THIS_COPY(a) (there[a] == copy)
#endif

/* An attempt under a lease of the old copy may still get a response, or its request is still on its way. */
#if defined(NO_PENDING_WAIT)
#define PENDING(b) false
#elif defined(NO_WAIT_OF_SUCCESSOR)
#define PENDING(b) (A(b) && own[b] == r && pending[b] == 1 && !there[b] && stage[b] < 2)
#else
#define PENDING(b) (A(b) && own[b] == r && pending[b] && !there[b] && stage[b] < 2)
#endif

/* The same of a replica that is away, or its response is in no database yet. */
#ifdef NO_COUNT_OF_THE_DEAD
#define OPEN(b, r) false
#else
#define OPEN(b, r) (A(b) && own[b] == r && (pending[b] || entry[b] == UNSETTLED) && stage[b] < 2)
#endif

/* ---- what must never be sent ---------------------------------------------------------------------------------------------------- */

#if SHARED
#define HELD_BEFORE(b, a) (entry[b] && own[b] == r && moved[b] < a)
#else
#define HELD_BEFORE(b, a) (entry[b] && own[b] == r)
#endif

#if FAILOVERS
#define EXCUSED(b) off[own[b]]
#else
#define EXCUSED(b) false
#endif

inline check_send(a) {
  for (i : 1 .. LEASES) {
    /* No refresh token is sent twice, unless the quarantine is over or the provider refused it. */
    assert(!(i != a && sent[i] && old[i] == old[a] && stage[i] < 2 && !(ans[i] == REFUSED && !waiting[i])));
    /* No spent token is sent while this replica's journal has the successor, nor any journal whose replica had not the time of the
       quarantine to store it, nor when the database had it before the lease. */
    assert(!(A(i) && ans[i] != REFUSED && ans[i] > old[a] && GRANT(ans[i]) == GRANT(old[a]) && !EXCUSED(i) &&
      (HELD_BEFORE(i, a) || (entry[i] && stage[i] < 2) || (stored[i] && stored[i] < a))))
  }
}

/* ---- a replica ------------------------------------------------------------------------------------------------------------------ */

#define NEWER_HERE(b) (A(b) && own[b] == r && entry[b] && ans[b] > old[a] && GRANT(ans[b]) == GRANT(old[a]))

active [REPLICAS] proctype Replica() {
  byte r = _pid;
  byte a = 0;
#if FAILOVERS
  bool before = 0;
#endif

start:
  { skip;
serve:
end:
    do
#if VERSIONS
    :: atomic { status == ACTIVE && attempts < LEASES && !seen[r] -> seen[r] = 1; printf("replica %d reads the row\n", r) }
#endif
    :: atomic { /* TAKE_LEASE */
         status == ACTIVE && attempts < LEASES && KNOWS_VERSION(r) && LEASE_FREE && MAY_SPEND && (used[r] || r == 0 || used[r - 1]) ->
#if VERSIONS
         assert(seen[r]);                /* a caller who knows an old version refreshes nothing */
#endif
         if :: lease != 0 -> REACHED(lease_after_quarantine) :: else fi;
         used[r] = 1;
         attempts++;
         a = attempts;
         lepoch++;
         lease = a;
         own[a] = r;
         ep[a] = lepoch;
         old[a] = tok;
         fresh[a] = 1;
#if FAILOVERS
         there[a] = copy;
#endif
         printf("replica %d: attempt %d gets the lease of epoch %d, token %d\n", r, a, lepoch, tok);
         break
       }
    od;

    if
#ifdef NO_JOURNAL_COMPARE
    :: skip
#else
    :: atomic { /* RefreshAttempt.begin: the journal has a newer response, which is stored instead */
         ANY(NEWER_HERE) -> REACHED(newer_in_journal);
         printf("replica %d: the journal has a newer response than attempt %d\n", r, a);
         goto release
       }
    :: !ANY(NEWER_HERE)
#endif
    fi;

    if
    :: atomic { /* RefreshAttempt.hasNoTimeFor, RefreshPreconditions */
#ifdef NO_LEASE_CHECK_BEFORE_SEND
         MAY_SPEND && OF_THIS_COPY(a) ->
#else
         stage[a] == 0 && MAY_SPEND && OF_THIS_COPY(a) ->
#endif
         waiting[a] = 1;
#if FAILOVERS
         pending[a] = 1;
#endif
         printf("replica %d: attempt %d passes its check\n", r, a)
       }
    :: goto release
    fi;

    atomic { printf("replica %d: attempt %d sends token %d\n", r, a, old[a]); check_send(a); sent[a] = 1; net[a] = IN_TRANSIT };

    if
    :: atomic { net[a] == ANSWERED && ans[a] != REFUSED ->
         waiting[a] = 0;
         printf("replica %d: attempt %d gets token %d\n", r, a, ans[a])
       }
    :: atomic { net[a] == ANSWERED && ans[a] == REFUSED ->
         waiting[a] = 0;
#if FAILOVERS
         pending[a] = 0;
#endif
         printf("replica %d: attempt %d gets invalid_grant\n", r, a);
         goto refused
       }
    :: atomic { /* the outcome is unknown. SUSPEND only lets the quarantine begin earlier */
         waiting[a] = 0;
         if :: net[a] == ANSWERED -> net[a] = OVER; ans[a] = 0 :: else fi;
         printf("replica %d: attempt %d gets no usable response\n", r, a);
         a = 0;
         goto serve
       }
    fi;

#ifndef NO_JOURNAL_FIRST
    atomic { entry[a] = UNSETTLED; kept[a] = 1; printf("replica %d: the response of attempt %d is in the journal\n", r, a) };
#endif

    if
    :: atomic { complete(a);
         if :: x -> given[a] = 1; REACHED(rotated) :: else -> add_if_revoked(a) fi;
#if FAILOVERS
         before = copy
#endif
       };
#ifdef NO_JOURNAL_FIRST
       atomic { entry[a] = UNSETTLED; kept[a] = 1 };
#endif
       atomic { /* a response that went to the old copy is replayed into the new one */
#if FAILOVERS && !defined(NO_REPLAY_OF_STORING)
         if :: copy == before -> settle(a) :: else fi;
         before = 0;
#else
         settle(a);
#endif
         a = 0;
         goto serve
       }
    :: atomic { faults -> faults--; given[a] = 1;
         printf("replica %d: the database is away, callers get the token of attempt %d\n", r, a)
       }
    :: atomic { faults -> faults--; complete(a); given[a] = 1; printf("replica %d: the answer of COMPLETE is lost\n", r) }
    fi;
    atomic { /* in the journal; it is replayed later */
#ifdef NO_JOURNAL_FIRST
      entry[a] = UNSETTLED; kept[a] = 1;
#endif
      a = 0;
      goto serve
    };

refused:
    atomic { /* REJECT */
      if
      :: REJECTABLE(a) ->
         assert(!WORKS(tok));            /* no grant that works is ended */
         status = ENDED;
         lease = 0;
         REACHED(rejected);
         printf("REJECT of attempt %d\n", a)
      :: else
      fi;
      forget(a);
      a = 0;
      goto serve
    };

release:
    atomic { /* RELEASE, YIELD, POSTPONE: nothing was sent */
      if
      :: OWN_LEASE(a) && lease != 0 -> lease = 0; printf("RELEASE of attempt %d\n", a)
      :: faults -> faults--              /* not carried out: the lease ends by itself */
      :: else
      fi;
      forget(a);
      a = 0;
      goto serve
    }
  } unless {
    atomic { down[r] == 1 -> a = 0;
#if FAILOVERS
      before = 0;
#endif
      down[r] = 2
    };
end_down:
    atomic { down[r] == 3 -> down[r] = 0; goto start }
  }
}

/* The journal of a replica; it works beside the attempts. */
#define UNREPLAYED(b) (A(b) && own[b] == r && entry[b] == UNSETTLED)
#define ORPHAN(b)     (A(b) && down[own[b]] == 2 && entry[b])

active [REPLICAS] proctype Journal() {
  byte r = _pid - REPLICAS;
  byte a = 0;

end:
  do
#ifndef NO_REPLAY
  :: atomic { /* JournalReplay: COMPLETE or the outbox, then the entry is settled */
       !down[r] && ANY(UNREPLAYED) -> PICK(UNREPLAYED);
       a = x;
       printf("replica %d replays attempt %d\n", r, a);
       complete(a);
       if
       :: x -> REACHED(replayed)
       :: else -> add_if_revoked(a)
       fi;
       if
       :: faults -> faults--             /* the answer of the statement or the record in the journal is lost */
       :: settle(a)
       fi;
       a = 0
     }
#else
  :: false
#endif
#if FAILOVERS
  :: atomic { /* this replica says that it has replayed its journal into this copy */
       copy && !down[r] && !done[r] && !ANY(UNREPLAYED) && !ANY(PENDING) ->
       done[r] = 1;
       REACHED(all_of_one_replica_replayed);
       printf("replica %d says that it has replayed its journal\n", r)
     }
#endif
#if SHARED
  :: atomic { /* OrphanTakeover: the files of an ended process in the same directory */
       !down[r] && ANY(ORPHAN) -> PICK(ORPHAN);
       own[x] = r;
       moved[x] = attempts;
       REACHED(journal_taken_over);
       printf("replica %d takes the entry of attempt %d over\n", r, x);
#ifdef NO_SAFE_BEFORE_DELETE
       entry[x] = 0;
       a = x
     };
     if
     :: atomic { !down[r] -> entry[a] = UNSETTLED; moved[a] = attempts; a = 0 }
     :: atomic { down[r] -> a = 0 }
     fi
#else
     }
#endif
#endif
  od
}

/* ---- provider and network ------------------------------------------------------------------------------------------------------- */

#define ON_ITS_WAY(b) (A(b) && net[b] == IN_TRANSIT)

active proctype Provider() {
  byte a = 0;

end:
  do
  :: atomic { ANY(ON_ITS_WAY) -> PICK(ON_ITS_WAY);
       a = x;
       if
       :: net[a] = OVER; printf("the request of attempt %d is lost\n", a)
       :: WORKS(old[a]) ->
          cur[GRANT(old[a])]++;
          ans[a] = old[a] + 1;
          net[a] = ANSWERED;
          printf("the provider accepts token %d of attempt %d, and issues token %d\n", old[a], a, ans[a])
       :: !WORKS(old[a]) ->
          if
          :: dead[GRANT(old[a])] = 1
          :: true
          fi;
          ans[a] = REFUSED;
          net[a] = ANSWERED;
          REACHED(spent_token_refused);
          printf("the provider refuses token %d of attempt %d; it ended the grant: %d\n", old[a], a, dead[GRANT(old[a])])
       fi;
       if
       :: net[a] == ANSWERED && !waiting[a] -> net[a] = OVER; ans[a] = 0; REACHED(response_too_late)
       :: else
       fi;
       a = 0
     }
  od
}

/* ---- time ----------------------------------------------------------------------------------------------------------------------- */

#define LEASE_ENDS(b)      (A(b) && stage[b] == 0)
#define QUARANTINE_ENDS(b) (A(b) && stage[b] == 1 && !waiting[b] && net[b] != IN_TRANSIT)

active proctype Time() {
end:
  do
  :: atomic { ANY(LEASE_ENDS) -> PICK(LEASE_ENDS); stage[x] = 1; printf("the lease of attempt %d has no time left\n", x) }
  :: atomic { ANY(QUARANTINE_ENDS) -> PICK(QUARANTINE_ENDS);
       stage[x] = 2;
       if :: sent[x] && !entry[x] && net[x] == OVER -> forget(x) :: else fi;
       printf("the quarantine of attempt %d is over\n", x)
     }
  od
}

/* ---- crashes -------------------------------------------------------------------------------------------------------------------- */

inline crash(r) {
  printf("replica %d crashes\n", r);
  REACHED(crashed);
  crashes--;
  down[r] = 1;
  for (i : 1 .. LEASES) {
    if
    :: A(i) && own[i] == r ->
       waiting[i] = 0;
       if :: net[i] == ANSWERED && !entry[i] -> net[i] = OVER :: else fi;
       assert(!given[i] || entry[i] || stored[i]); /* a crash loses no token that a caller has */
#if FAILOVERS
       if :: pending[i] -> pending[i] = 2 :: else fi;
#endif
#ifdef NO_STORED_AT_RESTART
       if :: entry[i] == SETTLED -> entry[i] = 0 :: else fi
#endif
    :: else
    fi
  }
}

active proctype Crash() {
end:
  do
  :: atomic { crashes && !down[0] && used[0] -> crash(0) }
  :: atomic { crashes && !down[1] && used[1] -> crash(1) }
#if REPLICAS == 3
  :: atomic { crashes && !down[2] && used[2] -> crash(2) }
#endif
  :: atomic { crashes -> crashes-- }     /* one crash, or one fault, less */
  :: atomic { faults -> faults-- }
  :: atomic { down[0] == 2 -> down[0] = 3; printf("replica 0 starts again\n") }
  :: atomic { down[1] == 2 -> down[1] = 3; printf("replica 1 starts again\n") }
#if REPLICAS == 3
  :: atomic { down[2] == 2 -> down[2] = 3; printf("replica 2 starts again\n") }
#endif
  od
}

/* ---- failover ------------------------------------------------------------------------------------------------------------------- */

#if FAILOVERS
active proctype Failover() {
  if
  :: atomic { /* the last commit that the standby receives */
       s_tok = tok; s_tepoch = tepoch; s_lepoch = lepoch; s_lease = lease; s_status = status
     }
  :: goto end
  fi;
  atomic { /* the standby is promoted */
    if :: tok != s_tok -> REACHED(lost_commit) :: else fi;
    if :: lepoch != s_lepoch -> REACHED(lost_lease) :: else fi;
    tok = s_tok; tepoch = s_tepoch; lepoch = s_lepoch; lease = s_lease; status = s_status;
    s_tok = 0; s_tepoch = 0; s_lepoch = 0; s_lease = 0; s_status = 0;
    copy = 1;
    printf("failover: the row has token %d, the lease epoch %d and the lease of attempt %d\n", tok, lepoch, lease);
    new_version();
#ifndef NO_REPLAY_OF_STORED
    for (i : 1 .. LEASES) { if :: entry[i] == SETTLED -> entry[i] = UNSETTLED :: else fi } /* all that is remembered is replayed */
#endif
  };
end:
  do /* a replica that stays away is not waited for any longer */
  :: atomic { down[0] == 2 && !off[0] && !ANY_OF(OPEN, 0) -> off[0] = 1; REACHED(not_awaited); printf("replica 0 is given up\n") }
  :: atomic { down[1] == 2 && !off[1] && !ANY_OF(OPEN, 1) -> off[1] = 1; printf("replica 1 is given up\n") }
#if REPLICAS == 3
  :: atomic { down[2] == 2 && !off[2] && !ANY_OF(OPEN, 2) -> off[2] = 1; printf("replica 2 is given up\n") }
#endif
  od
}
#endif

/* ---- the user ------------------------------------------------------------------------------------------------------------------- */

#if USERS
active proctype User() {
  if
  :: atomic { /* REVOKE */
       status != REVOKED ->
       status = REVOKED;
       revoked = 1;
       lepoch++;
#ifndef NO_REVOCATION_FENCE
       tepoch = lepoch;
#endif
       revoked_epoch = lepoch;
       lease = 0;
       outbox = tok + 1;
       new_version();
       REACHED(revoked);
       printf("the user revokes the grant; the outbox gets token %d\n", tok)
     }
  :: skip
  fi;
  if
  :: atomic { /* SAVE */
       lepoch++;
#ifndef NO_NEW_GRANT_RAISES_EPOCH
       tepoch = lepoch;
#endif
       lease = 0;
       tok = SECOND;
       status = ACTIVE;
       new_version();
       REACHED(connected_again);
       printf("the user connects again\n")
     }
  :: skip
  fi
}
#endif

/* ---- the end of every run ------------------------------------------------------------------------------------------------------- */

active proctype End() {
end:
  timeout -> atomic {
    assert(LEASE_FREE);                  /* every lease ends */
    for (i : 1 .. LEASES) {
      if
      :: kept[i] && !EXCUSED(i) ->
         assert(entry[i] == SETTLED);    /* every response in a journal reaches the database */
         assert(ans[i] <= tok || status == REVOKED); /* nothing accepted is lost: the row has it, or a later one */
#if USERS
         assert(!revoked || GRANT(ans[i]) != 0 || ans[i] < outbox) /* what was issued across a revocation is revoked */
#endif
      :: else
      fi
    };
    REACHED(end_of_run)
  }
}
