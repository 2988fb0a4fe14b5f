using System.Diagnostics.Metrics;

namespace IotPlatform.Diagnostics;

/// <summary>The edge's meter.</summary>
internal sealed class GatewayInstruments : IDisposable
{
    private readonly Meter _meter = new("IotPlatform.Gateway");
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _connects;
    private readonly Counter<long> _acceptFailures;
    private readonly UpDownCounter<long> _sockets;
    private readonly UpDownCounter<long> _lingering;
    private readonly Counter<long> _lingerCuts;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _limitsForgotten;
    private readonly Counter<long> _tlsHandshakes;
    private readonly Counter<long> _certificateReloads;
    private readonly Counter<long> _limited;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _disconnects;
    private readonly UpDownCounter<long> _peerQueue;
    private readonly Counter<long> _reattached;
    private readonly UpDownCounter<long> _acknowledgementQueue;
    private readonly Counter<long> _acknowledgementsDropped;
    private readonly Counter<long> _pauses;
    private readonly Counter<long> _retained;
    private readonly UpDownCounter<long> _retainedQueue;
    private readonly UpDownCounter<long> _sessionQueue;
    private readonly Counter<long> _redistributed;
    private readonly UpDownCounter<long> _ongoingBroadcasts;
    private readonly Counter<long> _broadcastsRefused;
    private readonly UpDownCounter<long> _unknownClaims;
    private readonly Counter<long> _claimsRefused;
    private readonly UpDownCounter<long> _broadcastQueue;
    private readonly UpDownCounter<long> _broadcastProducts;
    private readonly Counter<long> _messagesRefused;
    private readonly UpDownCounter<long> _messagesUnderWay;
    private readonly Counter<long> _streamsPaused;
    private readonly Counter<long> _invocations;
    private readonly UpDownCounter<long> _invocationsWaiting;
    private readonly Counter<long> _lateAnswers;

    public GatewayInstruments()
    {
        _connections = _meter.CreateUpDownCounter<long>("iot.gateway.connections", "{connection}", "Devices connected.");
        _connects = _meter.CreateCounter<long>("iot.gateway.connects", "{connect}", "Logins, by outcome.");
        _acceptFailures = _meter.CreateCounter<long>("iot.gateway.accept.failures", "{connection}", "Connections that could not be accepted.");
        _sockets = _meter.CreateUpDownCounter<long>("iot.gateway.sockets", "{connection}", "Connections that were let in, logged in or not.");
        _lingering = _meter.CreateUpDownCounter<long>("iot.gateway.connections.lingering", "{connection}", "Connections that are over, and whose peers have not closed yet.");
        _lingerCuts = _meter.CreateCounter<long>(
            "iot.gateway.connections.cut", "{connection}", "Connections closed before their peers did, which may not have seen the last packet, by reason.");
        _refusals = _meter.CreateCounter<long>("iot.gateway.connections.refused", "{connection}", "Connections closed before their CONNECT was read, by reason.");
        _limitsForgotten = _meter.CreateCounter<long>(
            "iot.gateway.limits.forgotten", "{key}", "Addresses and devices whose past was forgotten because too many others came, by limit.");
        _tlsHandshakes = _meter.CreateCounter<long>("iot.gateway.tls.handshakes", "{handshake}", "TLS handshakes on the port for MQTT, by outcome.");
        _certificateReloads = _meter.CreateCounter<long>("iot.gateway.tls.reloads", "{reload}", "Changes of the certificates' files, by outcome.");
        _limited = _meter.CreateCounter<long>("iot.gateway.clients.limited", "{packet}", "Packets that went beyond what one client may do, by limit.");
        _received = _meter.CreateCounter<long>("iot.gateway.publishes.received", "{message}", "Messages that devices published.");
        _sent = _meter.CreateCounter<long>("iot.gateway.publishes.sent", "{message}", "Messages written to devices.");
        _dropped = _meter.CreateCounter<long>("iot.gateway.publishes.dropped", "{message}", "Messages not written to a device, by reason.");
        _disconnects = _meter.CreateCounter<long>("iot.gateway.disconnects", "{connection}", "Connections ended by the gateway, by reason.");
        _peerQueue = _meter.CreateUpDownCounter<long>("iot.gateway.peers.queue", "By", "Bytes of publishes that wait for other gateways.");
        _reattached = _meter.CreateCounter<long>("iot.gateway.reattached", "{connection}", "Connections attached again to grains that had lost them, by outcome.");
        _acknowledgementQueue = _meter.CreateUpDownCounter<long>(
            "iot.gateway.acknowledgements.queue", "{acknowledgement}", "Acknowledgements of device messages that wait for their grains.");
        _acknowledgementsDropped = _meter.CreateCounter<long>(
            "iot.gateway.acknowledgements.dropped", "{acknowledgement}", "Acknowledgements given up because too many waited: their devices get the messages again.");
        _pauses = _meter.CreateCounter<long>(
            "iot.gateway.receives.paused", "{pause}", "Times that a client had to wait because too much of what it published was not done.");
        _retained = _meter.CreateCounter<long>("iot.gateway.retained", "{change}", "Changes of retained messages, by outcome.");
        _retainedQueue = _meter.CreateUpDownCounter<long>("iot.gateway.retained.queue", "By", "Bytes of changes that wait for the shards of retained messages.");
        _redistributed = _meter.CreateCounter<long>(
            "iot.gateway.shares.redistributed", "{message}", "Messages of shared subscriptions whose members were lost before they acknowledged them.");
        _sessionQueue = _meter.CreateUpDownCounter<long>("iot.gateway.sessions.queue", "By", "Bytes of publishes and acknowledgements that wait for sessions that are kept.");
        _ongoingBroadcasts = _meter.CreateUpDownCounter<long>("iot.gateway.broadcasts.ongoing", "{broadcast}", "Lasting broadcasts that are kept, each once a shard.");
        _broadcastsRefused = _meter.CreateCounter<long>(
            "iot.gateway.broadcasts.refused", "{broadcast}", "Lasting broadcasts that a shard has not taken because it kept too many.");
        _unknownClaims = _meter.CreateUpDownCounter<long>(
            "iot.gateway.broadcasts.unknown", "{claim}", "Devices of which it is asked again whether they have had a lasting broadcast, each once a broadcast.");
        _claimsRefused = _meter.CreateCounter<long>(
            "iot.gateway.broadcasts.unknown.refused", "{claim}", "Devices of which that is not asked again because too many waited: they get the broadcast when they come the next time.");
        _broadcastQueue = _meter.CreateUpDownCounter<long>(
            "iot.gateway.broadcasts.queue", "{work}", "Pieces of work for broadcasts that are not done: passes, retries, what a rate permits, what one device has missed.");
        _broadcastProducts = _meter.CreateUpDownCounter<long>("iot.gateway.broadcasts.products", "{product}", "Products that take turns with their broadcasts, each once a shard.");
        _messagesRefused = _meter.CreateCounter<long>("iot.gateway.messages.refused", "{message}", "Device messages refused because too many were sent in a second, by limit.");
        _messagesUnderWay = _meter.CreateUpDownCounter<long>(
            "iot.gateway.messages.underway", "{message}", "Device messages that were read from streams, and whose answers are not written yet.");
        _streamsPaused = _meter.CreateCounter<long>(
            "iot.gateway.messages.paused", "{pause}", "Times that a stream of device messages was not read because too many of it were under way.");
        _invocations = _meter.CreateCounter<long>("iot.gateway.invocations", "{call}", "Calls of devices that this gateway's API has taken, by outcome.");
        _invocationsWaiting = _meter.CreateUpDownCounter<long>("iot.gateway.invocations.waiting", "{call}", "Calls that wait for answers of this gateway's devices.");
        _lateAnswers = _meter.CreateCounter<long>("iot.gateway.invocations.late", "{message}", "Answers of devices that nobody waited for, or not any more.");
    }

    public void Opened() => _connections.Add(1);

    public void Ended() => _connections.Add(-1);

    public void Connected(string outcome) => _connects.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void AcceptFailed() => _acceptFailures.Add(1);

    public void Entered() => _sockets.Add(1);

    public void Left() => _sockets.Add(-1);

    public void Lingers(int change) => _lingering.Add(change);

    public void LingerCut(string reason) => _lingerCuts.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void ConnectionRefused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void LimitsForgotten(string limit, int count) => _limitsForgotten.Add(count, new KeyValuePair<string, object?>("limit", limit));

    public void TlsHandshake(string outcome) => _tlsHandshakes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void CertificateReloaded(string outcome) => _certificateReloads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Limited(string limit) => _limited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public void Received() => _received.Add(1);

    public void Sent(long count = 1) => _sent.Add(count);

    public void Dropped(string reason, long count = 1)
    {
        if (count > 0)
        {
            _dropped.Add(count, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    public void Disconnected(string reason) => _disconnects.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void PeerQueue(long bytes) => _peerQueue.Add(bytes);

    public void Reattached(string outcome) => _reattached.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void AcknowledgementQueue(int count) => _acknowledgementQueue.Add(count);

    public void AcknowledgementsDropped(int count) => _acknowledgementsDropped.Add(count);

    public void Paused() => _pauses.Add(1);

    public void Retained(string outcome) => _retained.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void RetainedQueue(long bytes) => _retainedQueue.Add(bytes);

    public void Redistributed() => _redistributed.Add(1);

    public void SessionQueue(long bytes) => _sessionQueue.Add(bytes);

    public void OngoingBroadcasts(int change) => _ongoingBroadcasts.Add(change);

    public void BroadcastRefused() => _broadcastsRefused.Add(1);

    public void UnknownClaims(int change) => _unknownClaims.Add(change);

    public void ClaimsRefused(int count) => _claimsRefused.Add(count);

    public void BroadcastQueue(int change) => _broadcastQueue.Add(change);

    public void BroadcastProducts(int change) => _broadcastProducts.Add(change);

    public void MessageRefused(string limit) => _messagesRefused.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public void MessagesUnderWay(int change) => _messagesUnderWay.Add(change);

    public void StreamPaused() => _streamsPaused.Add(1);

    public void Invoked(string outcome) => _invocations.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void InvocationsWaiting(int change) => _invocationsWaiting.Add(change);

    public void AnsweredLate() => _lateAnswers.Add(1);

    public void Dispose() => _meter.Dispose();
}
