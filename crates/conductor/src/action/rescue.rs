//! Rescue and its end.

use super::instance::boot_instance;
use crate::engine::{Stage, abandon_ramdisk, boot_ramdisk, has_agent, leave_ramdisk, park, settle_networks};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::lifecycle::Event;
use ferric_model::report::Observed;

/// Lets the node run a system in which it can be repaired.
pub async fn rescue(task: &mut RunningTask) -> Result<Ending, Halt> {
    match work(task).await {
        Err(Halt::Failed(mut failed)) if task.progress.ramdisk => {
            add(&mut failed.observed, abandon_ramdisk(task, Action::Rescue).await);
            Err(Halt::Failed(failed))
        }
        ended => ended,
    }
}

async fn work(task: &mut RunningTask) -> Result<Ending, Halt> {
    let timeout_secs = task.config.callback_timeouts.rescue;
    match task.progress.stage {
        Stage::AwaitingRamdisk if !has_agent(task) => park(task, Observed::default(), timeout_secs),
        Stage::AwaitingRamdisk => let_people_in(task).await,
        Stage::Booting => boot_ramdisk(task, Observed::default(), timeout_secs).await,
        _ => {
            let node = &task.view.node;
            let checked =
                task.interfaces.power.validate(node).and_then(|()| task.interfaces.rescue.validate(node));
            checked.map_err(|error| task.failed("checking the node before its rescue", error))?;
            if task.interfaces.rescue.boots_ramdisk(node) {
                return boot_ramdisk(task, Observed::default(), timeout_secs).await;
            }
            let rescued = task.interfaces.rescue.rescue(&task.view).await;
            let seen = rescued.map_err(|error| task.failed(task.doing(), error))?;
            Ok(Ending::succeeded(Some(Event::Done), seen))
        }
    }
}

/// The ramdisk runs: people are let in, and the node returns to the networks of its instance, where they reach it.
async fn let_people_in(task: &mut RunningTask) -> Result<Ending, Halt> {
    task.report(task.resume_event(), Observed::default()).await?;
    let rescued = task.interfaces.rescue.rescue(&task.view).await;
    let mut seen = rescued.map_err(|error| task.failed("letting people into the ramdisk", error))?;
    match settle_networks(task).await {
        Ok(observed) => {
            add(&mut seen, observed);
            Ok(Ending::succeeded(Some(Event::Done), seen))
        }
        Err(halt) => Err(halt.saw(seen)),
    }
}

/// Gives the node back to its instance.
pub async fn unrescue(task: &mut RunningTask) -> Result<Ending, Halt> {
    let returned = task.interfaces.rescue.unrescue(&task.view).await;
    let mut seen = returned.map_err(|error| task.failed(task.doing(), error))?;
    if task.interfaces.rescue.boots_ramdisk(&task.view.node) {
        match give_back(task).await {
            Ok(observed) => add(&mut seen, observed),
            Err(halt) => return Err(halt.saw(seen)),
        }
    }
    Ok(Ending::succeeded(Some(Event::Done), seen))
}

async fn give_back(task: &RunningTask) -> Result<Observed, Halt> {
    let mut seen = leave_ramdisk(task).await?;
    match boot_instance(task).await {
        Ok(observed) => {
            add(&mut seen, observed);
            Ok(seen)
        }
        Err(halt) => Err(halt.saw(seen)),
    }
}
