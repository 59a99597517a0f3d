//! What bounds a list of nodes: the same HTTP server with the rows as finished JSON text from PostgreSQL, and with a static body.
//!
//! `floor ADDRESS DATABASE_URL` serves `/rows` (a query of table `prebuilt` for each request) and `/static` (the same bytes,
//! made once) with one connection for each of its workers.

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result};
use bytes::Bytes;
use tokio_postgres::{Client, NoTls, Statement};

/// A connection with its statement.
struct Rows {
    client: Client,
    statement: Statement,
}

impl Rows {
    async fn connect(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let statement = client.prepare("SELECT body FROM prebuilt ORDER BY id LIMIT 1000").await?;
        Ok(Self { client, statement })
    }

    /// The document as a list of nodes has it.
    async fn body(&self) -> Result<Bytes> {
        let rows = self.client.query(&self.statement, &[]).await?;
        let mut body = Vec::with_capacity(4096 * rows.len());
        body.extend_from_slice(b"{\"nodes\":[");
        for (number, row) in rows.iter().enumerate() {
            if number > 0 {
                body.push(b',');
            }
            body.extend_from_slice(row.try_get::<_, &str>(0)?.as_bytes());
        }
        body.extend_from_slice(b"]}");
        Ok(body.into())
    }
}

fn json(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}

async fn rows(rows: web::Data<Rows>) -> actix_web::Result<HttpResponse> {
    rows.body().await.map(json).map_err(actix_web::error::ErrorInternalServerError)
}

async fn fixed(body: web::Data<Bytes>) -> HttpResponse {
    json(body.get_ref().clone())
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().context("usage: floor ADDRESS DATABASE_URL")?;
    let url = arguments.next().context("usage: floor ADDRESS DATABASE_URL")?;
    let body = Rows::connect(&url).await?.body().await?;
    let app = move || {
        let url = url.clone();
        App::new()
            .data_factory(move || {
                let url = url.clone();
                async move { Rows::connect(&url).await }
            })
            .app_data(web::Data::new(body.clone()))
            .route("/rows", web::get().to(rows))
            .route("/static", web::get().to(fixed))
    };
    HttpServer::new(app).workers(2).bind(address)?.run().await?;
    Ok(())
}
