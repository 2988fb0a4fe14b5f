using IotPlatform.Delivery;

namespace IotPlatform.Sessions;

/// <summary>
/// The messages that were written with a packet id and are not done. A mutable struct: a part of its session, and empty as a rule. Where the session is kept, the
/// lower half of the packet ids belongs to what is kept of it, by its sequence, and the upper half to all else.
/// </summary>
/// <param name="isKept">Whether the session is kept.</param>
internal struct InFlightTable(bool isKept)
{
    private const ushort UpperFirst = 0x8000;

    private const int LowerCount = UpperFirst - 1;

    private Dictionary<ushort, InFlight>? _messages;
    private ushort _lastPacketId;

    public readonly int Count => _messages?.Count ?? 0;

    /// <summary>All of them.</summary>
    public readonly IEnumerable<InFlight> All => _messages?.Values ?? Enumerable.Empty<InFlight>();

    /// <summary>The packet id of a message of a session that is kept: the same on every connection [MQTT-4.4.0-1].</summary>
    public static ushort PacketIdOf(long sequence) => (ushort)(1 + (sequence % LowerCount));

    /// <summary>Gives a message a packet id: not 0, and not in use [MQTT-2.2.1-3].</summary>
    public ushort Add(InFlight message)
    {
        _messages ??= [];
        if (message.Copy.Sequence > 0)
        {
            var packetId = PacketIdOf(message.Copy.Sequence);
            _messages.Add(packetId, message);
            return packetId;
        }

        var first = isKept ? UpperFirst : (ushort)1;
        if (isKept && message.DeviceMessageId is { } deviceMessageId)
        {
            // Where it can be, a device message has the same packet id on every connection.
            _lastPacketId = (ushort)(UpperFirst + StableHash.Of(deviceMessageId, bits: 15) - 1);
        }

        do
        {
            _lastPacketId = _lastPacketId >= first && _lastPacketId < ushort.MaxValue ? (ushort)(_lastPacketId + 1) : first;
        }
        while (!_messages.TryAdd(_lastPacketId, message));

        return _lastPacketId;
    }

    public readonly InFlight? Find(ushort packetId) => _messages?.GetValueOrDefault(packetId);

    /// <summary>The packet id of a device message that was written on this connection before; 0 for none.</summary>
    public readonly ushort FindPacketId(string deviceMessageId)
    {
        foreach (var (packetId, message) in _messages ?? [])
        {
            if (message.DeviceMessageId == deviceMessageId)
            {
                return packetId;
            }
        }

        return 0;
    }

    public void Remove(ushort packetId)
    {
        if (_messages is not null && _messages.Remove(packetId) && _messages.Count == 0)
        {
            // An idle session holds no table.
            _messages = null;
        }
    }

    /// <summary>The packet id of a message that was written on this connection; 0 for none.</summary>
    public readonly ushort FindPacketId(OutboundMessage message)
    {
        if (_messages is not null)
        {
            foreach (var (packetId, inFlight) in _messages)
            {
                if (inFlight.Message == message)
                {
                    return packetId;
                }
            }
        }

        return 0;
    }
}
