using System.Collections.Immutable;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Orders;
using IotPlatform.Sessions;
using IotPlatform.Transport;

namespace IotPlatform.Tracing;

/// <summary>Notes the packets of one connection for the traces that it concerns. Exists only while there are any.</summary>
/// <param name="client">Whose connection it is.</param>
/// <param name="version">The version it speaks.</param>
/// <param name="aliases">The topic aliases that it is sent; null: none.</param>
/// <param name="traces">The traces.</param>
/// <param name="time">The clock.</param>
internal sealed class ConnectionTrace(TracedClient client, ProtocolVersion version, TopicAliases? aliases, ImmutableArray<ActiveTrace> traces, TimeProvider time) : IConnectionTap
{
    /// <summary>Called under the lock that keeps the order of what is sent: messages, and with them aliases, under that of their session as well.</summary>
    public void Sent(ReadOnlySpan<byte> packets, SendOutcome outcome)
    {
        while (Frame.TryRead(packets, int.MaxValue, out var header) == FrameStatus.Complete)
        {
            var note = PacketNote.Read(header, packets.Slice(header.HeaderLength, header.BodyLength), version, Sender.Server);
            if (note is { TopicAlias: not 0, Topic.Length: 0 } && aliases is not null)
            {
                note = note with { Topic = aliases.TopicOf(note.TopicAlias) };
            }

            Note(TraceStep.Sent, note with { Outcome = outcome == SendOutcome.Sent ? note.Outcome : outcome.ToString() });
            packets = packets[header.TotalLength..];
        }
    }

    /// <summary>The client has sent a packet.</summary>
    public void Received(in PacketNote note) => Note(TraceStep.Received, note);

    /// <summary>Its device is known from here on. Traces of that could not know before that the client's CONNECT concerns them.</summary>
    public void Introduced(in PacketNote connect)
    {
        foreach (var trace in traces)
        {
            if (trace.Order.Device is not null)
            {
                trace.Add(EventOf(TraceStep.Received, connect));
            }
        }
    }

    /// <summary>Messages for the client, or from it, do not go on.</summary>
    public void Dropped(string reason, ReadOnlySpan<byte> topic, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Note(TraceStep.Dropped, new PacketNote(PacketType.Publish, 0, Encoding.UTF8.GetString(topic), QoS.AtMostOnce, 0, reason));
        }
    }

    /// <summary>The connection is gone.</summary>
    public void Closed() => Note(TraceStep.Closed, new PacketNote(default, 0, "", QoS.AtMostOnce, 0, ""));

    private void Note(TraceStep step, in PacketNote note)
    {
        var noted = default(TraceEvent);
        foreach (var trace in traces)
        {
            if (trace.Wants(note.Packet == PacketType.Publish, note.Topic))
            {
                trace.Add(noted ??= EventOf(step, note));
            }
        }
    }

    private TraceEvent EventOf(TraceStep step, in PacketNote note) => new(
        Number: 0,
        time.GetUtcNow(),
        client.ConnectionId,
        client.Device,
        client.ClientId,
        client.Address.ToString() ?? "",
        step,
        note.Packet == default ? "" : note.Packet.ToString().ToUpperInvariant(),
        note.PacketId,
        note.Topic,
        (int)note.QoS,
        note.Bytes,
        note.Outcome);
}
