//! What a step remembers between two looks, in the node's `driver_internal_info`.
//!
//! Notes belong to one step of one task: whatever another one left behind is not theirs.

use ferric_hardware::TaskView;
use ferric_model::JsonMap;
use ferric_model::report::Observed;
use ferric_model::step::Step;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Where the notes of an interface stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notes(pub &'static str);

impl Notes {
    /// What the step noted last.
    pub fn read<T: DeserializeOwned>(self, task: &TaskView, step: &Step) -> Option<T> {
        let kept = task.node.status.driver_internal_info.get(self.0)?;
        let ours = kept["task"] == json!(task.task_id) && kept["step"] == json!(step.label());
        // A text: a merge patch would mix a document with the one before.
        serde_json::from_str(kept["notes"].as_str().filter(|_| ours)?).ok()
    }

    /// What is to be stored so that the step remembers `notes`.
    pub fn keep<T: Serialize>(self, task: &TaskView, step: &Step, notes: &T) -> Observed {
        let text = serde_json::to_string(notes).unwrap_or_default();
        self.patch(json!({"task": task.task_id, "step": step.label(), "notes": text}))
    }

    /// What is to be stored when the step is done.
    pub fn forget(self) -> Observed {
        self.patch(Value::Null)
    }

    fn patch(self, value: Value) -> Observed {
        let driver_internal_info = JsonMap::from_iter([(self.0.to_owned(), value)]);
        Observed { driver_internal_info, ..Observed::default() }
    }
}
