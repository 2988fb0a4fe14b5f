namespace IotPlatform.Hosting;

/// <summary>
/// Load balancers that say in front of each connection whose it is, with a PROXY protocol header of version 2. For the ports of MQTT, of MQTT over TLS, and
/// of MQTT over WebSocket over TLS. Section <c>Mqtt:ProxyProtocol</c>.
/// </summary>
public sealed class ProxyProtocolOptions
{
    /// <summary>
    /// The networks that they connect from, as <c>10.1.0.0/16</c>: connections from there must begin with a header, from everywhere else none is read, so that
    /// nobody else can say to be somebody else. Default: none.
    /// </summary>
    public IList<string> From { get; } = [];
}
