//! The web server: one listener for the BMCs, the agents and the control API.

use std::any::Any;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, Server, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, NormalizePath, from_fn};
use actix_web::web::{Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

use crate::fault::{FaultKind, Subject};
use crate::fleet::Fleet;
use crate::redfish::{self, Refusal};
use crate::{agent, control, hold};

/// Commands to agents carry nodes and configdrives.
const BODY_LIMIT_BYTES: usize = 64 << 20;

/// How often a client that sent more than was read is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A second handle of a client's connection, by which it can be cut without an answer.
struct Plug(TcpStream);

pub(crate) fn serve(socket: TcpListener, fleet: &Arc<Fleet>) -> std::io::Result<Server> {
    let data = Data::from(Arc::clone(fleet));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(PayloadConfig::new(BODY_LIMIT_BYTES))
            .wrap(from_fn(gate))
            .wrap(NormalizePath::trim())
            .configure(redfish::routes)
            .configure(agent::routes)
            .configure(control::routes)
            .default_service(actix_web::web::to(redfish::unknown_path))
    })
    .on_connect(keep_plug)
    .workers(2)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(socket)?;
    Ok(server.run())
}

fn keep_plug(connection: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Ok(handle) = stream.as_fd().try_clone_to_owned()
    {
        data.insert(Plug(TcpStream::from(handle)));
    }
}

/// Closes the client's connection; whatever is answered afterwards does not reach it.
pub(crate) fn cut(request: &HttpRequest) -> HttpResponse {
    if let Some(Plug(stream)) = request.conn_data::<Plug>()
        && let Err(error) = stream.shutdown(Shutdown::Both)
    {
        tracing::debug!(%error, "the client was gone already");
    }
    HttpResponse::ServiceUnavailable().force_close().finish()
}

/// Resolves when the client has closed its end; the web server does not look while a request is being served.
pub(crate) async fn client_gone(request: &HttpRequest) {
    let watched = request.conn_data::<Plug>().and_then(|Plug(stream)| stream.try_clone().ok());
    let Some(Ok(stream)) = watched.map(tokio::net::TcpStream::from_std) else {
        return std::future::pending().await;
    };
    loop {
        match stream.peek(&mut [0]).await {
            Ok(0) | Err(_) => return,
            // Something unread hides the end of the stream.
            Ok(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}

/// Faults strike here first, then credentials are checked, then the request is served.
async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(fleet) = request.app_data::<Data<Fleet>>().map(|data| Arc::clone(data)) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let method = request.method().clone();
    let guarded = redfish::needs_login(&method, request.path());
    let path = request.path().to_owned();
    let server = path.split('/').find_map(|segment| fleet.find_index(segment));
    let subject = Subject { method: method.as_str(), path: &path, names: &[] };
    let strike = fleet.faults.take(server, &subject, |kind| match kind {
        FaultKind::Refuse { .. } | FaultKind::Hang | FaultKind::Status { .. } => true,
        FaultKind::HtmlAnswer => !method.is_safe(),
        FaultKind::WrongCredentials => guarded,
        _ => false,
    });
    let (http_request, payload) = request.into_parts();
    let early = match &strike {
        Some(FaultKind::Refuse { after: false }) => Some(cut(&http_request)),
        Some(FaultKind::Hang) => {
            tokio::select! {
                () = client_gone(&http_request) => {}
                () = fleet.shutdown.cancelled() => {}
            }
            Some(cut(&http_request))
        }
        Some(FaultKind::Status { status, message }) => Some(Refusal::told(*status, message).into_response()),
        Some(FaultKind::WrongCredentials) => Some(Refusal::unauthorized().into_response()),
        _ if guarded && !redfish::is_authorized(&fleet, &http_request) => {
            Some(Refusal::unauthorized().into_response())
        }
        _ => redfish::refuse_query(&http_request).map(Refusal::into_response),
    };
    if let Some(response) = early {
        return Ok(ServiceResponse::new(http_request, response));
    }
    if let Some(index) = server
        && !hold::pass(&fleet, index, &http_request, &subject, false).await
    {
        let response = cut(&http_request);
        return Ok(ServiceResponse::new(http_request, response));
    }
    let served = next.call(ServiceRequest::from_parts(http_request, payload)).await?.map_into_boxed_body();
    if let Some(index) = server
        && !hold::pass(&fleet, index, served.request(), &subject, true).await
    {
        let response = cut(served.request());
        return Ok(served.into_response(response));
    }
    Ok(match strike {
        Some(FaultKind::Refuse { after: true }) => {
            let response = cut(served.request());
            served.into_response(response)
        }
        Some(FaultKind::HtmlAnswer) if served.status().is_success() => served.into_response(
            HttpResponse::Ok().content_type("text/html").body("<html><body><h1>Done</h1></body></html>"),
        ),
        _ => served,
    })
}
