"""Slots and their queue, without any match."""

from __future__ import annotations

import threading

import pytest

from arena_executor.slots import GivenUp, NoFreeSlot, Slots
from conftest import eventually


def test_whoever_waits_gets_the_next_free_slot_in_order():
    slots = Slots(1, pin=False, queue=2)
    order: list[int] = []

    def play(number: int) -> None:
        with slots.take(patience=30):
            order.append(number)

    with slots.take():
        first = threading.Thread(target=play, args=(1,))
        first.start()
        eventually(lambda: slots.queued == 1)
        second = threading.Thread(target=play, args=(2,))
        second.start()
        eventually(lambda: slots.queued == 2)
        assert (slots.active, order) == (1, [])
    first.join()
    second.join()

    assert order == [1, 2]
    assert (slots.active, slots.queued) == (0, 0)


def test_a_full_queue_refuses_at_once_and_a_still_one_in_time():
    none, one = Slots(1, pin=False), Slots(1, pin=False, queue=1)

    with none.take(), pytest.raises(NoFreeSlot), none.take(patience=1000):
        pass
    with one.take(), pytest.raises(NoFreeSlot), one.take(patience=0.01):
        pass

    assert (one.active, one.queued) == (0, 0)


def test_whoever_gives_up_makes_room():
    slots = Slots(1, pin=False, queue=1)

    with slots.take():
        with pytest.raises(GivenUp), slots.take(patience=1000, given_up=lambda: True):
            pass
        assert slots.queued == 0


def test_a_slot_is_a_core():
    slots = Slots(1, pin=True)

    with slots.take() as first:
        pass
    with slots.take() as second:
        pass

    assert first.core == second.core
    assert first.core is not None


def test_a_slot_given_back_early_is_given_back_once():
    slots = Slots(1, pin=False)

    with slots.take() as early:
        early.release()
        with slots.take():
            early.release()
            assert slots.active == 1

    assert slots.active == 0
