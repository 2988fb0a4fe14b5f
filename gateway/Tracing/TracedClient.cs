using System.Net;
using IotPlatform.Devices;

namespace IotPlatform.Tracing;

/// <summary>Whom a connection belongs to, as far as that is known yet.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Address">Where the client is.</param>
/// <param name="ClientId">Its client id; empty before CONNECT.</param>
/// <param name="Device">Its device; null before its login.</param>
internal sealed record TracedClient(long ConnectionId, EndPoint Address, string ClientId, DeviceId? Device);
