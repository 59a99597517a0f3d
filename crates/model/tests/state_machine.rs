//! Compares the transition table with the recorded machine of a real Ironic, row by row.

use ferric_model::lifecycle::{Event, Provision, ProvisionState, TRANSITIONS, Verb, advance};

const RECORDED: &str = include_str!("state-machine.csv");

#[test]
fn every_row_of_the_recorded_machine_is_ours_and_none_is_missing() {
    let mut rows = 0;
    for line in RECORDED.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let from = ProvisionState::find(cells[0]).expect(line);
        let event = Event::find(cells[1]).expect(line);
        let to = ProvisionState::find(cells[2]).expect(line);
        assert!(TRANSITIONS.contains(&(from, event, to)), "missing: {line}");
        let target = (!cells[3].is_empty()).then(|| ProvisionState::find(cells[3]).expect(line));
        assert_eq!(to.target(), target, "{line}");
        assert_eq!(to.is_stable(), cells[6] == "stable", "{line}");
        let reached = advance(Provision::initial(from), event, None).expect(line);
        assert_eq!((reached.state(), reached.target()), (to, target), "{line}");
        for word in cells[4].split('|').filter(|word| !word.is_empty()) {
            assert_eq!(Verb::find(word).expect(line).event(), event, "{line}");
        }
        rows += 1;
    }
    assert_eq!(rows, TRANSITIONS.len());
}
