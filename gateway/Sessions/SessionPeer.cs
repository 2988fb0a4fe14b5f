using IotPlatform.Mqtt;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>
/// The connection that a session sends on, and what its client takes. A part of its <see cref="MqttConnection"/>: there may be a million of them.
/// </summary>
/// <param name="connection">What carries its bytes.</param>
internal abstract class SessionPeer(IConnection connection)
{
    /// <summary>What carries its bytes.</summary>
    public IConnection Connection => connection;

    /// <summary>The MQTT version it speaks.</summary>
    public ProtocolVersion Version { get; protected set; } = ProtocolVersion.Mqtt311;

    /// <summary>QoS 1 and 2 messages it takes unacknowledged.</summary>
    public int ReceiveMaximum { get; private set; }

    /// <summary>Bytes of the largest packet it takes.</summary>
    public int MaximumPacketSize { get; protected set; } = int.MaxValue;

    /// <summary>The topic aliases that it is sent; null: none.</summary>
    public TopicAliases? Aliases { get; private set; }

    /// <summary>The protocol side of the connection.</summary>
    public MqttConnection Owner => (MqttConnection)this;

    /// <summary>A message that must not be lost found the connection full.</summary>
    public void Overflowed() => Owner.Disconnect(ReasonCode.QuotaExceeded);

    /// <summary>What its client takes is known, and does not change any more.</summary>
    /// <param name="version">The MQTT version.</param>
    /// <param name="receiveMaximum">QoS 1 and 2 messages unacknowledged.</param>
    /// <param name="maximumPacketSize">Bytes of the largest packet.</param>
    /// <param name="topicAliasMax">Topic aliases that are used towards it; 0: none.</param>
    public void Takes(ProtocolVersion version, int receiveMaximum, int maximumPacketSize, int topicAliasMax)
    {
        Version = version;
        ReceiveMaximum = receiveMaximum;
        MaximumPacketSize = maximumPacketSize;
        Aliases = topicAliasMax > 0 ? new TopicAliases(topicAliasMax) : null;
    }
}
