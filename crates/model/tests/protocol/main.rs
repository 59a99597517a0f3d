//! Claims, leases, epochs, the outbox and reports, checked exhaustively: every interleaving of one task, two conductors and
//! the processes of the control plane, with a number of crashes, losses, repetitions and an emptied broker at any point.
//!
//! The decisions are the product's own (`ferric_model::task`); what is modelled is what lies between them. Each protection
//! is also left out once: a check that would not notice is worth nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod row;
mod world;

use ferric_model::task::TaskState;
use stateright::{Checker, Model, Property};
use world::{Flaw, Happening, World};

/// How far time goes, in ticks; nothing that begins later is looked at.
const HORIZON: i64 = 5;

/// Most calls that are under way at once.
const CALLS: usize = 2;

/// Steps after which a world without faults must have come to its end.
const PATIENCE: usize = 200;

const ONE_HOLDER: &str = "never two conductors act";
const ONE_END: &str = "a task ends once at most";
const OWN_EPOCH: &str = "no report of an old claim takes effect";
const KEPT_WORD: &str = "no lease is taken before its end";
const COMES_TO_AN_END: &str = "a task ends once faults do";

#[derive(Debug, Clone)]
struct Protocol {
    faults: u8,
    flaw: Option<Flaw>,
}

impl Model for Protocol {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.faults)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Happening>) {
        actions.push(Happening::Tick);
        actions.extend(world.courses(self.flaw));
        if world.faults > 0 {
            actions.extend(world.mishaps());
        }
    }

    fn next_state(&self, world: &World, happening: Happening) -> Option<World> {
        let mut next = world.then(&happening, self.flaw);
        if world.mishaps().contains(&happening) {
            next.faults -= 1;
        }
        Some(next)
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.now <= HORIZON && world.calls.len() <= CALLS && world.row.epoch <= 2
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_HOLDER, |_, world: &World| world.acting() <= 1),
            Property::always(ONE_END, |_, world: &World| world.ends <= 1),
            Property::always(OWN_EPOCH, |_, world: &World| !world.foreign_report),
            Property::always(KEPT_WORD, |_, world: &World| !world.taken_early),
            // What is under way comes to its end by itself; so it is enough to ask where nothing is.
            Property::always(COMES_TO_AN_END, |model: &Self, world: &World| {
                !world.calls.is_empty() || model.ends_well(world)
            }),
        ]
    }
}

impl Protocol {
    /// Whether the task comes to one end if nothing goes wrong any more. Who acts goes on and succeeds; time passes when
    /// there is nothing else to do.
    fn ends_well(&self, world: &World) -> bool {
        let mut world = world.clone();
        for _ in 0..PATIENCE {
            if world.row.state.is_final() {
                return world.ends == 1;
            }
            let next =
                world.courses(self.flaw).into_iter().find(|course| !matches!(course, Happening::Renew(_)));
            world = world.then(&next.unwrap_or(Happening::Tick), self.flaw);
        }
        false
    }
}

/// How much may go wrong in one run.
fn faults() -> u8 {
    std::env::var("FERRIC_MODEL_FAULTS").map_or(1, |text| text.parse().unwrap())
}

#[test]
fn holds_whatever_fails_at_any_point() {
    let checker =
        Protocol { faults: faults(), flaw: None }.checker().symmetry_fn(World::in_order).spawn_dfs().join();
    println!("{} states, {} of them different", checker.state_count(), checker.unique_state_count());
    checker.assert_properties();
    assert!(checker.unique_state_count() > 100_000, "too little was looked at");
}

#[test]
fn what_the_protocol_guards_against_would_be_noticed() {
    for (flaw, broken) in [
        (Flaw::CountsFromAnswer, ONE_HOLDER),
        (Flaw::ExtendsFromLastAttempt, ONE_HOLDER),
        (Flaw::NoFence, OWN_EPOCH),
        (Flaw::SweepsRenewed, KEPT_WORD),
        (Flaw::NeverResends, COMES_TO_AN_END),
    ] {
        let protocol = Protocol { faults: faults(), flaw: Some(flaw) };
        let broken_only = stateright::HasDiscoveries::AllOf([broken].into());
        let checker =
            protocol.checker().finish_when(broken_only).symmetry_fn(World::in_order).spawn_dfs().join();
        assert!(checker.discovery(broken).is_some(), "{flaw:?} goes unnoticed");
    }
}

#[test]
fn without_faults_a_task_succeeds() {
    let world = World::new(0);
    assert!(Protocol { faults: 0, flaw: None }.ends_well(&world));
    assert_eq!(world.row.state, TaskState::Queued);
}
