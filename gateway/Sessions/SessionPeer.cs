using IotPlatform.Mqtt;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>The connection that a session sends on, and what its client takes.</summary>
/// <param name="connection">The connection.</param>
/// <param name="version">The MQTT version it speaks.</param>
/// <param name="receiveMaximum">QoS 1 and 2 messages it takes unacknowledged.</param>
/// <param name="maximumPacketSize">Bytes of the largest packet it takes.</param>
/// <param name="topicAliasMax">Topic aliases that are used towards it; 0: none.</param>
/// <param name="owner">The protocol side of the connection.</param>
internal sealed class SessionPeer(
    IConnection connection, ProtocolVersion version, int receiveMaximum, int maximumPacketSize, int topicAliasMax, MqttConnection owner)
{
    public IConnection Connection => connection;

    public ProtocolVersion Version => version;

    public int ReceiveMaximum => receiveMaximum;

    public int MaximumPacketSize => maximumPacketSize;

    /// <summary>The topic aliases that it is sent; null: none.</summary>
    public TopicAliases? Aliases { get; } = topicAliasMax > 0 ? new TopicAliases(topicAliasMax) : null;

    public MqttConnection Owner => owner;

    /// <summary>A message that must not be lost found the connection full.</summary>
    public void Overflowed() => owner.Disconnect(ReasonCode.QuotaExceeded);
}
