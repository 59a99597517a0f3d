//! Vendor methods of nodes and of hardware types.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::json::{Members, Written};
use super::route::Gate::Open;
use super::route::{Route, route};
use ferric_control::{VendorReply, VendorRequest};
use ferric_model::vendor::VendorMethod;
use serde_json::Value;
use std::collections::BTreeMap;

static METHOD: [Arg; 1] = [Arg::required("method", Kind::Text)];

pub(crate) static ROUTES: [Route; 22] = [
    route!(Get "nodes/{node}/vendor_passthru/methods" Open, &[], Ignored, node_methods),
    route!(Get "nodes/{node}/vendor_passthru" Open, &METHOD, Document, call_node),
    route!(Post "nodes/{node}/vendor_passthru" Open, &METHOD, Document, call_node),
    route!(Put "nodes/{node}/vendor_passthru" Open, &METHOD, Document, call_node),
    route!(Patch "nodes/{node}/vendor_passthru" Open, &METHOD, Document, call_node),
    route!(Delete "nodes/{node}/vendor_passthru" Open, &METHOD, Document, call_node),
    route!(Get "nodes/{node}/vendor_passthru/{method}" Open, &[], Document, call_node),
    route!(Post "nodes/{node}/vendor_passthru/{method}" Open, &[], Document, call_node),
    route!(Put "nodes/{node}/vendor_passthru/{method}" Open, &[], Document, call_node),
    route!(Patch "nodes/{node}/vendor_passthru/{method}" Open, &[], Document, call_node),
    route!(Delete "nodes/{node}/vendor_passthru/{method}" Open, &[], Document, call_node),
    route!(Get "drivers/{driver}/vendor_passthru/methods" Open, &[], Ignored, driver_methods),
    route!(Get "drivers/{driver}/vendor_passthru" Open, &METHOD, Document, call_driver),
    route!(Post "drivers/{driver}/vendor_passthru" Open, &METHOD, Document, call_driver),
    route!(Put "drivers/{driver}/vendor_passthru" Open, &METHOD, Document, call_driver),
    route!(Patch "drivers/{driver}/vendor_passthru" Open, &METHOD, Document, call_driver),
    route!(Delete "drivers/{driver}/vendor_passthru" Open, &METHOD, Document, call_driver),
    route!(Get "drivers/{driver}/vendor_passthru/{method}" Open, &[], Document, call_driver),
    route!(Post "drivers/{driver}/vendor_passthru/{method}" Open, &[], Document, call_driver),
    route!(Put "drivers/{driver}/vendor_passthru/{method}" Open, &[], Document, call_driver),
    route!(Patch "drivers/{driver}/vendor_passthru/{method}" Open, &[], Document, call_driver),
    route!(Delete "drivers/{driver}/vendor_passthru/{method}" Open, &[], Document, call_driver),
];

async fn node_methods(call: Call) -> Result<Answer, Fault> {
    let methods = call.control().list_vendor_methods(&call.context, call.node_ident()?).await?;
    listed(&methods)
}

async fn call_node(call: Call) -> Result<Answer, Fault> {
    let request = request(&call)?;
    let reply = call.control().call_vendor_method(&call.context, call.node_ident()?, request).await?;
    answered(reply)
}

async fn driver_methods(call: Call) -> Result<Answer, Fault> {
    let methods = call.control().list_driver_methods(&call.context, call.param("driver")).await?;
    listed(&methods)
}

async fn call_driver(call: Call) -> Result<Answer, Fault> {
    let request = request(&call)?;
    let reply = call.control().call_driver_method(&call.context, call.param("driver"), request).await?;
    answered(reply)
}

/// The method stands in the path or in the query; the body holds its arguments.
fn request(call: &Call) -> Result<VendorRequest, Fault> {
    let method = match call.param("method") {
        "" => call.args.text("method").unwrap_or_default(),
        method => method,
    };
    let args = match &call.document {
        Value::Object(args) => args.clone(),
        Value::Null => serde_json::Map::new(),
        _ => return Err(Fault::invalid("The arguments of a vendor method must be a JSON object.")),
    };
    Ok(VendorRequest { method: method.to_owned(), http_method: call.method.as_str().to_owned(), args })
}

fn answered(reply: VendorReply) -> Result<Answer, Fault> {
    match reply {
        VendorReply::Accepted => Ok(Answer::accepted()),
        VendorReply::Done(result) => Answer::json(&result),
    }
}

fn listed(methods: &BTreeMap<String, VendorMethod>) -> Result<Answer, Fault> {
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    for (name, method) in methods {
        members.with(name, |out| put_method(out, method))?;
    }
    members.close();
    Ok(Answer::ok(out))
}

fn put_method(out: &mut Vec<u8>, method: &VendorMethod) -> Written {
    let mut members = Members::open(out);
    members.put("http_methods", &method.http_methods)?;
    members.put("async", &method.is_async)?;
    members.put("description", &method.description)?;
    // What a method answers is always the body, never a file of its own.
    members.put("attach", &false)?;
    members.put("require_exclusive_lock", &method.require_exclusive_lock)?;
    members.close();
    Ok(())
}
