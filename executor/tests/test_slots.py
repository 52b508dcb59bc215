"""Slots and their queue, without any match."""

from __future__ import annotations

import threading

import pytest

from arena_executor.slots import GivenUp, NoFreeSlot, Slots
from conftest import eventually


def test_whoever_was_ready_first_gets_the_next_free_slot():
    slots = Slots(1, pin=False, queue=2)
    order: list[int] = []

    def play(number: int, ready: threading.Event, waits: threading.Event) -> None:
        def asked() -> bool:
            waits.set()
            return False

        with slots.enter() as place:
            ready.wait(30)
            place.take_slot(patience=30, given_up=asked)
            order.append(number)

    late, early = (threading.Event(), threading.Event()), (threading.Event(), threading.Event())
    with slots.enter() as running:
        running.take_slot()
        threads = [threading.Thread(target=play, args=(n, *e)) for n, e in ((1, late), (2, early))]
        for thread in threads:
            thread.start()
        eventually(lambda: slots.queued == 2)
        for ready, waits in (early, late):
            ready.set()
            assert waits.wait(30)
        assert (slots.active, order) == (1, [])
    for thread in threads:
        thread.join()

    assert order == [2, 1]
    assert (slots.active, slots.queued) == (0, 0)


def test_whoever_gets_ready_keeps_no_slot_from_others():
    slots = Slots(1, pin=False, queue=1)

    with slots.enter(), slots.enter() as ready:
        ready.take_slot()

        assert (slots.active, slots.queued) == (1, 1)


def test_a_full_queue_refuses_at_once_and_a_still_one_in_time():
    none, one = Slots(1, pin=False), Slots(1, pin=False, queue=1)

    with none.enter(), pytest.raises(NoFreeSlot), none.enter():
        pass
    with one.enter() as running, one.enter() as waiting:
        running.take_slot()
        with pytest.raises(NoFreeSlot):
            waiting.take_slot(patience=0.01)
        with pytest.raises(NoFreeSlot), one.enter():
            pass

    assert (one.active, one.queued) == (0, 0)


def test_whoever_gives_up_makes_room():
    slots = Slots(1, pin=False, queue=1)

    with slots.enter() as running:
        running.take_slot()
        with pytest.raises(GivenUp), slots.enter() as waiting:
            waiting.take_slot(patience=1000, given_up=lambda: True)
        assert slots.queued == 0


def test_whoever_has_given_up_takes_no_free_slot():
    slots = Slots(1, pin=False)

    with pytest.raises(GivenUp), slots.enter() as place:
        place.take_slot(given_up=lambda: True)

    assert (slots.active, slots.queued) == (0, 0)


def test_a_slot_is_a_core():
    slots = Slots(1, pin=True)

    with slots.enter() as place:
        first = place.take_slot()
    with slots.enter() as place:
        second = place.take_slot()

    assert first == second
    assert first is not None


def test_a_place_given_up_early_is_given_up_once():
    slots = Slots(1, pin=False)

    with slots.enter() as early:
        early.take_slot()
        early.release()
        with slots.enter() as next_one:
            next_one.take_slot()
            early.release()
            assert slots.active == 1

    assert (slots.active, slots.queued) == (0, 0)
