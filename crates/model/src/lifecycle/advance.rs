//! The one judge over provision states.

use super::{Event, Provision, ProvisionState, TRANSITIONS, Verb};

/// The event is not legal in the state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event '{}' is not legal in provision state '{state}'", event.as_str())]
pub struct InvalidTransition {
    /// The refused event.
    pub event: Event,
    /// The state it was refused in.
    pub state: ProvisionState,
}

/// Whether `event` is legal in `state`.
pub fn is_legal(state: ProvisionState, event: Event) -> bool {
    next_state(state, event).is_some()
}

/// Decides where `event` leads from `current`. `verb` is what a caller asked for; none when a report or the system
/// itself caused the event.
///
/// **Shape** of the target: a stable state has none. A verb sets the target of the state it leads to (`clean` asked
/// for by a caller aims at `manageable`, which is the only mark of manual cleaning); any other event keeps the target
/// that the verb set.
///
/// **Errors**: [`InvalidTransition`] when no row allows it.
pub fn advance(current: Provision, event: Event, verb: Option<Verb>) -> Result<Provision, InvalidTransition> {
    let state = next_state(current.state, event).ok_or(InvalidTransition { event, state: current.state })?;
    let target = match (state.target(), verb) {
        (None, _) => None,
        (Some(_), Some(Verb::Clean)) => Some(ProvisionState::Manageable),
        (Some(imposed), Some(verb)) if verb.sets_target() => Some(imposed),
        (Some(imposed), _) => current.target.or(Some(imposed)),
    };
    Ok(Provision { state, target })
}

/// The event that ends a cleaning well: manual cleaning and retired nodes go back to `manageable`.
pub fn cleaning_success(provision: Provision, retired: bool) -> Event {
    if retired || provision.is_manual_clean() { Event::Manage } else { Event::Done }
}

fn next_state(state: ProvisionState, event: Event) -> Option<ProvisionState> {
    TRANSITIONS.iter().find(|row| row.0 == state && row.1 == event).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProvisionState as S;

    fn run(start: S, path: &[(Event, Option<Verb>)]) -> Provision {
        path.iter().fold(Provision::initial(start), |p, (event, verb)| advance(p, *event, *verb).unwrap())
    }

    #[test]
    fn only_rows_of_the_table_are_legal() {
        let mut legal = 0;
        for state in S::all() {
            for event in Event::ALL {
                legal += usize::from(advance(Provision::initial(state), event, None).is_ok());
            }
        }
        assert_eq!(legal, TRANSITIONS.len());
    }

    #[test]
    fn manual_cleaning_aims_at_manageable_all_the_way() {
        let waiting = run(S::Manageable, &[(Event::Clean, Some(Verb::Clean)), (Event::Wait, None)]);
        assert_eq!((waiting.state(), waiting.target()), (S::CleanWait, Some(S::Manageable)));
        assert_eq!(cleaning_success(waiting, false), Event::Manage);
        let failed = advance(waiting, Event::Fail, None).unwrap();
        assert_eq!((failed.state(), failed.target()), (S::CleanFailed, Some(S::Manageable)));
        assert_eq!(advance(failed, Event::Manage, Some(Verb::Manage)).unwrap().target(), None);
    }

    #[test]
    fn automated_cleaning_aims_at_available() {
        let cleaning = run(S::Manageable, &[(Event::Provide, Some(Verb::Provide))]);
        assert_eq!((cleaning.state(), cleaning.target()), (S::Cleaning, Some(S::Available)));
        assert_eq!(cleaning_success(cleaning, false), Event::Done);
        assert_eq!(cleaning_success(cleaning, true), Event::Manage);
        assert_eq!(advance(cleaning, Event::Done, None).unwrap(), Provision::initial(S::Available));
    }

    #[test]
    fn tearing_down_replaces_the_target_and_cleaning_follows() {
        let path = [
            (Event::Deploy, Some(Verb::Active)),
            (Event::Wait, None),
            (Event::Delete, Some(Verb::Deleted)),
            (Event::Clean, None),
        ];
        let cleaning = run(S::Available, &path);
        assert_eq!((cleaning.state(), cleaning.target()), (S::Cleaning, Some(S::Available)));
    }

    #[test]
    fn a_refusal_names_event_and_state() {
        let error = advance(Provision::initial(S::Active), Event::Provide, Some(Verb::Provide)).unwrap_err();
        assert_eq!(error, InvalidTransition { event: Event::Provide, state: S::Active });
    }
}
