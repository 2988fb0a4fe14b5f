using System.Text;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions.Kept;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>
/// A client's session (MQTT 5.0 section 4.1) while it is connected: its subscriptions, and the messages on their way to it. What outlives the connection is kept in
/// the grains (<see cref="Kept"/>). Anybody may send to it at any time; one lock keeps the order of its packets and of its packet ids the same. It is
/// its own lock, because there may be a million of them; nobody else takes it.
/// </summary>
/// <param name="device">Whose session it is.</param>
/// <param name="limits">Its bounds.</param>
/// <param name="instruments">Counts what is sent and dropped.</param>
/// <param name="kept">The session as it is kept; null where it ends with its connection.</param>
internal sealed partial class Session(DeviceId device, SessionLimits limits, GatewayInstruments instruments, KeptSession? kept = null)
{
    private static readonly byte[] TakenOverPacket = new DisconnectPacket { ReasonCode = ReasonCode.SessionTakenOver }.ToArray(ProtocolVersion.Mqtt500);

    private SessionPeer? _peer;
    private InFlightTable _inFlight = new(isKept: kept is not null);
    private MessageQueue _queue;
    private SubscriptionList _subscriptions;

    public DeviceId Device => device;

    /// <summary>The device's name as it stands in topics.</summary>
    public byte[] DeviceName { get; } = Encoding.UTF8.GetBytes(device.DeviceName);

    /// <summary>The session as it is kept; null where it ends with its connection.</summary>
    public KeptSession? Kept => kept;

    /// <summary>The connection it belongs to, from the login on until that is gone; guarded by the <see cref="SessionRegistry"/>.</summary>
    public MqttConnection? Claim { get; set; }

    /// <summary>The place of its connection among the device's, as its grain has given it.</summary>
    public long Order { get; init; }

    /// <summary>It is in no registry any more: nothing may be subscribed for it.</summary>
    public bool IsEnded { get; set; }

    /// <summary>How long it is to outlive its connection.</summary>
    public TimeSpan Expiry { get; set; }

    /// <summary>Its client has said goodbye: a will that waits is not published.</summary>
    public bool DiscardsWill { get; set; }

    /// <summary>
    /// The last publish of its client that was not routed at once; complete once it is. What comes while it is not must wait behind it.
    /// </summary>
    public Task? LastPublish { get; set; }

    /// <summary>What was taken last of its client's QoS 2 messages; complete once that is kept. What is retained behind it waits.</summary>
    public Task? LastTaken { get; set; }

    /// <summary>The QoS 2 messages that its client has sent and not released; exists where there have been any.</summary>
    public ReceivedPublishes? Received { get; set; }

    /// <summary>The connection it has now, if any.</summary>
    public SessionPeer? Peer => Volatile.Read(ref _peer);

    /// <summary>Opens a connection and takes it: writes CONNACK, and nothing gets between that and what the session sends.</summary>
    /// <returns>False, and nothing done, when the connection was closed meanwhile.</returns>
    public bool TryAttach(SessionPeer peer, ReadOnlySpan<byte> connAck)
    {
        lock (this)
        {
            if (!peer.Owner.TryOpen())
            {
                return false;
            }

            // Before CONNACK, which its client may answer at once: who then looks, without the lock, must find it.
            Volatile.Write(ref _peer, peer);
            peer.Connection.Send(connAck);
            Attach(peer);
            return true;
        }
    }

    /// <summary>Takes an open connection.</summary>
    public void Attach(SessionPeer peer)
    {
        lock (this)
        {
            Volatile.Write(ref _peer, peer);
            SendQueuedLocked(peer);
        }
    }

    /// <summary>Ends a connection with its last packet, behind whatever the session is writing to it.</summary>
    public void CloseWith(IConnection connection, ReadOnlySpan<byte> lastPacket)
    {
        lock (this)
        {
            // [MQTT-3.14.4-1] Nothing follows a DISCONNECT, whoever has something to send.
            connection.CloseWith(lastPacket);
        }
    }

    /// <summary>
    /// A newer connection of its client is let in once this is done. Another thread may have begun to end the older one, and not have got there: then it is done here.
    /// </summary>
    public void TakenOver()
    {
        lock (this)
        {
            if (_peer is { Version: ProtocolVersion.Mqtt500 } peer)
            {
                peer.Connection.CloseWith(TakenOverPacket);
            }
            else
            {
                _peer?.Connection.Close(isGraceful: true);
            }
        }
    }

    /// <summary>Sends a packet, behind whatever the session is writing to the connection.</summary>
    public void SendBehind(IConnection connection, ReadOnlySpan<byte> packet)
    {
        lock (this)
        {
            connection.Send(packet);
        }
    }

    /// <summary>Loses its connection, for good.</summary>
    /// <returns>Whether it was this one.</returns>
    public bool Detach(SessionPeer peer)
    {
        lock (this)
        {
            if (_peer != peer)
            {
                return false;
            }

            Volatile.Write(ref _peer, null);
            LoseBroadcastsLocked();
            return true;
        }
    }
}
