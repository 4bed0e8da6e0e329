//! Connections: HTTP/1.1 alone, as many as configured, none that is slow for ever.
//!
//! A request's head must arrive in time (and so an idle connection is closed); its body and its answer are bounded by the
//! request's time limit; the connection itself has a longest life, which bounds a peer who does not read his answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::config::LimitsConfig;

/// Bytes of a request's head at most, and of a connection's read buffer.
const HEAD_BYTES: usize = 16 * 1024;
/// Header fields of a request at most.
const HEADERS: usize = 64;
/// How long to wait when the system has no descriptor for a connection.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Serves until `stop` is true; then closes idle connections and returns when the last one is closed. Dropping the future
/// closes all of them.
pub async fn serve(listener: TcpListener, router: Router, limits: LimitsConfig, mut stop: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let limits = Arc::new(limits);
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = accept(&listener, &permits) => accepted,
            Some(_closed) = open.join_next() => continue,
        };
        let Some((stream, permit)) = accepted else { continue };
        let (router, limits, stop) = (router.clone(), Arc::clone(&limits), stop.clone());
        open.spawn(async move {
            connection(stream, router, &limits, stop).await;
            drop(permit);
        });
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone stops the server as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _peer)) => Some((stream, permit)),
        Err(error) => {
            tracing::warn!(kind = ?error.kind(), "a connection was not accepted");
            tokio::time::sleep(BACK_OFF).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, router: Router, limits: &LimitsConfig, mut stop: watch::Receiver<bool>) {
    // Answers are written whole, so waiting to fill packets only delays them.
    let _ = stream.set_nodelay(true);
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.header_read_seconds))
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(serving);
    tokio::select! {
        // An error here is the peer's: he closed, was too slow, or sent what is not HTTP.
        _ = serving.as_mut() => return,
        () = stopped(&mut stop) => {}
        () = tokio::time::sleep(Duration::from_secs(limits.connection_seconds)) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(Duration::from_secs(limits.request_seconds), serving).await;
}
