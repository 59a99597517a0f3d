//! Vendor: bytes of the operator's own, and resetting the BMC.

use crate::tool::{Command, Ipmitool};
use async_trait::async_trait;
use ferric_hardware::interface::{StepArg, Steps, Vendor, VendorAnswer, VendorCall};
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::schema::read_bool;
use ferric_model::step::{Repeat, Step, StepKind};
use ferric_model::vendor::{VendorMethod, VendorMethods};
use serde_json::Value;
use std::collections::BTreeMap;

/// The vendor interface `ipmitool`.
#[derive(Debug, Clone)]
pub struct IpmiVendor(Ipmitool);

const SEND_RAW: &str = "send_raw";
const BMC_RESET: &str = "bmc_reset";

const ARGS: [StepArg; 1] = [StepArg {
    name: "raw_bytes",
    description: "network function, command and data as bytes, for example '0x00 0x09 0x05 0x00 0x00'",
    required: true,
}];

/// Kinds of steps that may send bytes.
const KINDS: [StepKind; 3] = [StepKind::Clean, StepKind::Deploy, StepKind::Service];

impl IpmiVendor {
    /// Vendor methods through this program.
    pub const fn new(tool: Ipmitool) -> Self {
        Self(tool)
    }

    async fn send_raw(&self, node: &Node, args: &JsonMap) -> Result<(), HardwareError> {
        let given = args.get("raw_bytes").and_then(Value::as_str).unwrap_or_default();
        let bytes: Vec<&str> = given.split_whitespace().collect();
        if bytes.len() < 2 || !bytes.iter().all(|byte| is_byte(byte)) {
            return Err(HardwareError::invalid(
                "raw_bytes must be at least two bytes, as 0x00 to 0xff or 0 to 255",
                format!("give {}", ARGS[0].description),
            ));
        }
        let words: Vec<&str> = std::iter::once("raw").chain(bytes).collect();
        self.0.open(node)?.ask(Command::once(&words)).await?;
        Ok(())
    }

    async fn reset_bmc(&self, node: &Node, args: &JsonMap) -> Result<(), HardwareError> {
        let warm = match args.get("warm") {
            None | Some(Value::Null) => true,
            Some(value) => read_bool(value)
                .map_err(|text| HardwareError::invalid(format!("warm: {text}"), "give true or false"))?,
        };
        let words = ["mc", "reset", if warm { "warm" } else { "cold" }];
        self.0.open(node)?.ask(Command::once(&words)).await?;
        Ok(())
    }
}

#[async_trait]
impl Steps for IpmiVendor {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        let step = Step {
            requires_ramdisk: false,
            repeat: Repeat::Once,
            ..Step::new(InterfaceKind::Vendor, SEND_RAW, 0)
        };
        if KINDS.contains(&kind) { vec![step] } else { Vec::new() }
    }

    fn step_args(&self, _: &str) -> &'static [StepArg] {
        &ARGS
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        self.send_raw(&task.node, &step.args).await.map(|()| StepOutcome::done())
    }

    /// Nobody can tell whether the bytes were sent.
    async fn resume_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        Err(HardwareError::unsupported_by(&task.node, &format!("a second {}", step.label())))
    }
}

#[async_trait]
impl Vendor for IpmiVendor {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    fn methods(&self) -> VendorMethods {
        let raw = VendorMethod::new(
            &["POST"],
            "Sends bytes to the BMC. Required argument: raw_bytes, a text of bytes.",
        );
        let reset =
            VendorMethod::new(&["POST"], "Resets the BMC. Optional argument: warm, true unless given.");
        let methods =
            [(SEND_RAW, raw.needs("raw_bytes").in_background()), (BMC_RESET, reset.in_background())];
        let node = methods.into_iter().map(|(name, method)| (name.to_owned(), method)).collect();
        VendorMethods { node, driver: BTreeMap::new() }
    }

    async fn call_method(&self, task: &TaskView, call: &VendorCall) -> Result<VendorAnswer, HardwareError> {
        match call.method.as_str() {
            SEND_RAW => self.send_raw(&task.node, &call.args).await?,
            BMC_RESET => self.reset_bmc(&task.node, &call.args).await?,
            other => return Err(HardwareError::unsupported_by(&task.node, other)),
        }
        Ok(VendorAnswer::default())
    }
}

fn is_byte(text: &str) -> bool {
    match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).is_ok(),
        None => text.parse::<u8>().is_ok(),
    }
}
