using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>
/// What a connection's client has published and is not done with: acknowledgements that wait for somebody else's answer, and those that wait behind them,
/// because they leave in the order of the PUBLISH packets [MQTT-4.6.0-2], [MQTT-4.6.0-3]. Exists only where one had to wait, and has a task only while
/// one does. Added to by the receiving thread; written by whoever completes the first of them.
/// </summary>
/// <remarks>Full action: the connection receives no more until all of them are done.</remarks>
/// <param name="connection">The connection.</param>
/// <param name="terms">What its client is told besides.</param>
/// <param name="receiver">What is paused, and disconnected where an acknowledgement must not be sent.</param>
internal sealed class DeferredAcknowledgements(IConnection connection, ReasonTerms terms, IPausedReceiver receiver)
{
    /// <summary>Publishes that may wait.</summary>
    public const int LengthMax = 64;

    /// <summary>Bytes of them that may wait: a client with large messages waits sooner.</summary>
    public const int BytesMax = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Entry> _entries = new();
    private int _bytes;
    private int _atLeastOnceCount;
    private bool _isPaused;
    private bool _isBroken;

    /// <summary>Whether an acknowledgement may go out at once.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count == 0;
            }
        }
    }

    /// <summary>Publishes at QoS 1 that wait.</summary>
    public int AtLeastOnceCount
    {
        get
        {
            lock (_gate)
            {
                return _atLeastOnceCount;
            }
        }
    }

    /// <summary>Whether it is the server that the client's packets wait for.</summary>
    public bool IsPaused => Volatile.Read(ref _isPaused);

    /// <summary>
    /// Adds a publish behind the others. What was to be sent before it must have been: its acknowledgement may leave at any time from here on.
    /// </summary>
    /// <param name="outcome">Its reason code. A failure to say counts as <see cref="ReasonCode.UnspecifiedError"/>.</param>
    /// <param name="type">PUBACK or PUBREC.</param>
    /// <param name="packetId">0 with QoS 0, which has no acknowledgement: it counts, and those behind it wait.</param>
    /// <param name="bytes">What is kept for it.</param>
    public void Add(ValueTask<ReasonCode> outcome, PacketType type, ushort packetId, int bytes)
    {
        lock (_gate)
        {
            _entries.Enqueue(new Entry(outcome, type, packetId, bytes));
            _bytes += bytes;
            _atLeastOnceCount += type == PacketType.PubAck && packetId != 0 ? 1 : 0;
            if (_entries.Count > 1)
            {
                return;
            }
        }

        _ = RunAsync();
    }

    /// <summary>Has receiving wait, where as many wait as may.</summary>
    /// <returns>Whether it must; then it is resumed once all of them are done.</returns>
    public bool TryPause()
    {
        lock (_gate)
        {
            return _isPaused = _entries.Count >= LengthMax || _bytes >= BytesMax;
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            ValueTask<ReasonCode> first;
            lock (_gate)
            {
                first = _entries.Peek().Outcome;
            }

            ReasonCode reason;
            try
            {
                reason = await first.ConfigureAwait(false);
            }
            catch (Exception)
            {
                // Whoever failed has said why.
                reason = ReasonCode.UnspecifiedError;
            }

            SendCompleted(reason, out var count, out var bytes);
            if (TryEnd(count, bytes))
            {
                return;
            }
        }
    }

    /// <summary>Sends the first acknowledgement, and those behind it that wait for nothing but it, in one piece.</summary>
    private void SendCompleted(ReasonCode firstReason, out int count, out int bytes)
    {
        Span<byte> buffer = stackalloc byte[(LengthMax * Acknowledgement.BytesMax) + ReasonTerms.AcknowledgementBytesMax];
        var length = 0;
        (count, bytes) = (0, 0);
        lock (_gate)
        {
            foreach (var entry in _entries)
            {
                if (count > 0 && (!entry.Outcome.IsCompleted || length + ReasonTerms.AcknowledgementBytesMax > buffer.Length))
                {
                    break;
                }

                length += Write(entry, count == 0 ? firstReason : ReasonOf(entry.Outcome), buffer[length..]);
                bytes += entry.Bytes;
                count++;
            }
        }

        Send(buffer[..length]);
    }

    /// <summary>Takes out what has been sent: only now may others go out at once.</summary>
    /// <returns>Whether nothing is left.</returns>
    private bool TryEnd(int count, int bytes)
    {
        bool isPaused;
        lock (_gate)
        {
            _bytes -= bytes;
            while (count-- > 0)
            {
                _atLeastOnceCount -= _entries.Dequeue() is { Type: PacketType.PubAck, PacketId: not 0 } ? 1 : 0;
            }

            if (_entries.Count > 0)
            {
                return false;
            }

            isPaused = _isPaused;
            _isPaused = false;
        }

        if (isPaused)
        {
            receiver.ResumeReceiving();
        }

        return true;
    }

    private int Write(in Entry entry, ReasonCode reason, Span<byte> destination)
    {
        if (entry.PacketId == 0)
        {
            return 0;
        }

        // What was not permitted is acknowledged all the same [MQTT-3.3.5-2].
        _isBroken |= terms.Version == ProtocolVersion.Mqtt311 && reason.IsNotTaken();
        return _isBroken ? 0 : terms.Write(destination, entry.Type, entry.PacketId, reason);
    }

    private void Send(ReadOnlySpan<byte> packets)
    {
        if (packets.Length > 0 && connection.Send(packets) == SendOutcome.Full)
        {
            // The client waits for an answer that it can not get.
            receiver.Disconnect(ReasonCode.QuotaExceeded);
        }
        else if (_isBroken)
        {
            receiver.Disconnect(ReasonCode.UnspecifiedError);
        }
    }

    private static ReasonCode ReasonOf(ValueTask<ReasonCode> completed)
    {
        try
        {
            return completed.GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            return ReasonCode.UnspecifiedError;
        }
    }

    private readonly record struct Entry(ValueTask<ReasonCode> Outcome, PacketType Type, ushort PacketId, int Bytes);
}
