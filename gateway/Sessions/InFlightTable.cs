using IotPlatform.Delivery;

namespace IotPlatform.Sessions;

/// <summary>The messages that were written with a packet id and are not done. A mutable struct: a part of its session, and empty as a rule.</summary>
internal struct InFlightTable
{
    private Dictionary<ushort, InFlight>? _messages;
    private ushort _lastPacketId;

    public readonly int Count => _messages?.Count ?? 0;

    /// <summary>Gives a message a packet id: not 0, and not in use [MQTT-2.2.1-3].</summary>
    public ushort Add(InFlight message)
    {
        _messages ??= [];
        do
        {
            _lastPacketId = _lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPacketId + 1);
        }
        while (!_messages.TryAdd(_lastPacketId, message));

        return _lastPacketId;
    }

    public readonly InFlight? Find(ushort packetId) => _messages?.GetValueOrDefault(packetId);

    /// <summary>The packet id of a device message that was written in this session before; 0 for none.</summary>
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

    public void Remove(OutboundMessage message)
    {
        foreach (var (packetId, inFlight) in _messages ?? [])
        {
            if (inFlight.Message == message)
            {
                Remove(packetId);
                return;
            }
        }
    }

    /// <summary>All of them, in the order in which they were first written [MQTT-4.6.0-1].</summary>
    public readonly KeyValuePair<ushort, InFlight>[] InOrder()
    {
        if (_messages is null)
        {
            return [];
        }

        // Packet ids go up and around: the one behind the last is the oldest.
        var last = _lastPacketId;
        return [.. _messages.OrderBy(pair => (ushort)(pair.Key - last - 1))];
    }
}
