//! Which steps run, in which order. Pure.

use super::Wanted;
use ferric_model::step::{RESERVED_STEPS, Step, StepKind, StepOrigin, sort_steps};

/// What is to be done, as far as it is known.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// Labels of wanted steps that nobody offers.
    pub unknown: Vec<String>,
}

/// Plans a run from what the conductor's interfaces and the agent offer. Of a step that both offer, the conductor's counts:
/// it knows what to tell the agent.
pub fn plan(kind: StepKind, wanted: &Wanted, conductor: Vec<Step>, agent: Vec<Step>) -> Plan {
    let mut offered = conductor;
    for step in agent {
        if !offered.iter().any(|known| same(known, &step)) {
            offered.push(step);
        }
    }
    match wanted {
        Wanted::ByPriority(overrides) => by_priority(kind, offered, overrides),
        Wanted::InOrder(steps) => in_order(&offered, steps),
    }
}

/// Puts what is done before what remains of a new plan.
pub fn replan(done: &[Step], plan: Plan) -> Plan {
    let remaining = plan.steps.into_iter().filter(|step| !done.iter().any(|past| same(past, step)));
    Plan { steps: done.iter().cloned().chain(remaining).collect(), unknown: plan.unknown }
}

/// Whether the engine itself carries the step out.
pub fn is_reserved(step: &Step) -> bool {
    RESERVED_STEPS.contains(&step.step.as_str())
}

fn by_priority(kind: StepKind, mut offered: Vec<Step>, overrides: &[Step]) -> Plan {
    let mut unknown = Vec::new();
    for step in overrides {
        match offered.iter_mut().find(|known| same(known, step)) {
            Some(known) => *known = with_wish(known, step),
            None if is_reserved(step) => offered.push(reserved(step)),
            None if step.on_children.is_some() => offered.push(of_conductor(step)),
            None if step.priority > 0 => unknown.push(step.label()),
            None => {}
        }
    }
    offered.retain(|step| step.priority > 0);
    sort_steps(kind, &mut offered);
    Plan { steps: offered, unknown }
}

fn in_order(offered: &[Step], wanted: &[Step]) -> Plan {
    let mut plan = Plan { steps: Vec::new(), unknown: Vec::new() };
    for step in wanted {
        match offered.iter().find(|known| same(known, step)) {
            _ if step.on_children.is_some() => plan.steps.push(of_conductor(step)),
            Some(known) => plan.steps.push(with_wish(known, step)),
            None if is_reserved(step) => plan.steps.push(reserved(step)),
            None => plan.unknown.push(step.label()),
        }
    }
    plan
}

/// What somebody may choose of a step: its arguments and its priority; what it is, its owner says.
fn with_wish(known: &Step, wish: &Step) -> Step {
    Step { args: wish.args.clone(), priority: wish.priority, ..known.clone() }
}

/// One for child nodes: what it is, their own interfaces know.
fn of_conductor(step: &Step) -> Step {
    Step { origin: StepOrigin::Conductor, requires_ramdisk: false, ..step.clone() }
}

/// One that keeps the node as it is may be interrupted at any time.
fn reserved(step: &Step) -> Step {
    let abortable = matches!(step.step.as_str(), "hold" | "wait");
    Step { origin: StepOrigin::Conductor, requires_ramdisk: false, abortable, ..step.clone() }
}

fn same(a: &Step, b: &Step) -> bool {
    a.interface == b.interface && a.step == b.step
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::hardware::InterfaceKind::{Deploy, Power, Raid};
    use serde_json::json;

    fn agent(name: &str, priority: i64) -> Step {
        Step { origin: StepOrigin::Agent, ..Step::new(Deploy, name, priority) }
    }

    fn labels(plan: &Plan) -> Vec<String> {
        plan.steps.iter().map(Step::label).collect()
    }

    #[test]
    fn disabled_steps_are_left_out_and_the_conductors_step_wins() {
        let conductor = vec![Step::new(Deploy, "write_image", 80), Step::new(Deploy, "off", 0)];
        let offered = vec![agent("write_image", 90), agent("erase", 85), agent("burn_in", 0)];
        let plan = plan(StepKind::Deploy, &Wanted::ByPriority(Vec::new()), conductor, offered);
        assert_eq!(labels(&plan), ["deploy.erase", "deploy.write_image"]);
        assert_eq!(plan.steps[1].origin, StepOrigin::Conductor);
    }

    #[test]
    fn a_wish_changes_priority_and_arguments_and_zero_disables() {
        let mut wish = Step { requires_ramdisk: false, ..Step::new(Deploy, "burn_in", 90) };
        wish.args.insert("hours".into(), json!(2));
        let wishes =
            vec![wish, Step::new(Deploy, "write_image", 0), Step::new(Raid, "x", 5), Step::new(Raid, "y", 0)];
        let conductor = vec![Step::new(Deploy, "write_image", 80)];
        let plan = plan(StepKind::Deploy, &Wanted::ByPriority(wishes), conductor, vec![agent("burn_in", 0)]);
        assert_eq!(labels(&plan), ["deploy.burn_in"]);
        assert_eq!(plan.steps[0].args["hours"], json!(2));
        assert!(plan.steps[0].requires_ramdisk && plan.steps[0].origin == StepOrigin::Agent);
        assert_eq!(plan.unknown, ["raid.x"]);
    }

    #[test]
    fn chosen_steps_keep_their_order_and_may_repeat() {
        let wanted = ["b", "a", "b"].map(|name| Step::new(Deploy, name, 0)).to_vec();
        let wanted = [wanted, vec![Step::new(Power, "reboot", 0), Step::new(Deploy, "nobody", 0)]].concat();
        let offered = vec![agent("a", 99), agent("b", 1), agent("c", 98)];
        let plan = plan(StepKind::Clean, &Wanted::InOrder(wanted), Vec::new(), offered);
        assert_eq!(labels(&plan), ["deploy.b", "deploy.a", "deploy.b", "power.reboot"]);
        assert_eq!(plan.unknown, ["deploy.nobody"]);
        assert_eq!(plan.steps[3].origin, StepOrigin::Conductor);
    }

    #[test]
    fn a_new_plan_goes_on_behind_what_is_done() {
        let done = [Step::new(Deploy, "deploy", 100)];
        let plan =
            Plan { steps: vec![agent("early", 110), done[0].clone(), agent("late", 1)], unknown: Vec::new() };
        assert_eq!(labels(&replan(&done, plan)), ["deploy.deploy", "deploy.early", "deploy.late"]);
    }
}
