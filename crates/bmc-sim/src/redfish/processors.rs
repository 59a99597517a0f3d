//! Processors of a system.

use serde_json::json;

use super::answer::{About, Answer, collection, healthy};

pub(super) async fn list(about: About) -> Answer {
    let path = format!("{}/Processors", about.identity().system_path());
    let members =
        (1..=about.model().processors.sockets).map(|socket| format!("{path}/CPU{socket}")).collect();
    about.resource(collection(&path, "ProcessorCollection", "Processors", members))
}

pub(super) async fn show(about: About) -> Answer {
    let processors = &about.model().processors;
    let wanted = about.variable("processor");
    let socket = (1..=processors.sockets)
        .find(|socket| format!("CPU{socket}") == wanted)
        .ok_or_else(|| about.missing())?;
    about.resource(json!({
        "@odata.id": format!("{}/Processors/CPU{socket}", about.identity().system_path()),
        "@odata.type": "#Processor.v1_20_0.Processor",
        "Id": format!("CPU{socket}"),
        "Name": format!("Processor {socket}"),
        "Socket": format!("CPU {socket}"),
        "ProcessorType": "CPU",
        "ProcessorArchitecture": "x86",
        "InstructionSet": "x86-64",
        "Manufacturer": processors.vendor,
        "Model": processors.model,
        "ProcessorId": {"VendorId": processors.vendor},
        "MaxSpeedMHz": processors.mhz,
        "TotalCores": processors.cores,
        "TotalThreads": processors.threads,
        "Status": healthy(),
    }))
}
