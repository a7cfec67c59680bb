from lipwire_protocol import FlowMode, Segment
from lipwire_protocol.server_messages import Ledger, SessionGrant
from lipwire_server.load.broadcast import Stage
from lipwire_server.load.ear import Ear
from lipwire_server.load.greetings import hello, resume, watch
from lipwire_server.load.tally import Tally


def test_nothing_of_a_load_test_is_stored_and_it_sets_its_own_pace() -> None:
    said = hello("key", "joe")
    assert (said.token, said.voice, said.persist) == ("key", "joe", False)
    assert said.flow.mode is FlowMode.PLAYED


def test_a_listener_watches_the_stage_live() -> None:
    said = watch(Stage("session", "secret", Tally()), "key")
    assert (said.session, said.watch_secret, said.token) == ("session", "secret", "key")
    assert said.from_ == "live"


def test_who_comes_back_says_where_the_stream_broke_off() -> None:
    ear = Ear(Tally())
    ear.segment = Segment(
        seq=3,
        utterance=2,
        segment=4,
        start=1_000,
        count=500,
        text="Hello.",
        span=(7, 13),
        visemes={},
        ledger=Ledger(received=0, queued=0, phonemized=0, encoded=0),
    )
    ear.sample = 1_200
    grant = SessionGrant(id="of it", secret="its own", resumed=False, received=())
    said = resume(grant, ear, "key").session
    assert said is not None and said.position is not None
    assert (said.id, said.secret) == ("of it", "its own")
    where = said.position
    assert (where.utterance, where.segment, where.span) == (2, 4, (7, 13))
    assert (where.start, where.sample) == (1_000, 1_200)
