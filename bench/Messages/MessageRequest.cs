using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using IotPlatform.Bench.Http2;
using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Messages;

/// <summary>
/// Encodes requests to send a message, QoS 1, as gRPC messages. They are made once; the next one only replaces name, id and payload, whose lengths never change.
/// </summary>
internal sealed class MessageRequest
{
    // What message ids have, all of which are below 2^35 and at least 2^28.
    private const int CorrelationIdBytes = 5;

    private readonly DeviceNames _names;
    private readonly byte[] _bytes;
    private readonly int _correlationIdAt;
    private readonly int _nameAt;
    private readonly int _idAt;
    private readonly int _payloadAt;

    private MessageRequest(DeviceNames names, int payloadBytes, bool isOfStream, bool hasOwnIds)
    {
        _names = names;
        var payload = new byte[payloadBytes];
        PayloadPattern.Write(payload, 0);
        var id = MessageLedger.MessageIdOf(0).ToString(CultureInfo.InvariantCulture);
        byte[] beforeName = Field(1, Encoding.ASCII.GetBytes(names.ProductKey));
        byte[] name = Field(2, Encoding.ASCII.GetBytes(names.NameOf(0)));
        byte[] messageId = hasOwnIds ? Field(3, Encoding.ASCII.GetBytes(id)) : [];
        byte[] content = Field(5, payload);
        byte[] message = [.. beforeName, .. name, .. messageId, .. content];

        // SendDeviceMessagesRequest: correlation_id (1), message (2), which ends it.
        byte[] request = isOfStream ? [0x08, .. new byte[CorrelationIdBytes], .. Field(2, message)] : message;
        _bytes = [0, .. new byte[sizeof(int)], .. request];
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(1), request.Length);
        _correlationIdAt = isOfStream ? GrpcMessages.PrefixBytes + 1 : 0;
        _payloadAt = _bytes.Length - payloadBytes;
        _idAt = hasOwnIds ? _bytes.Length - content.Length - id.Length : 0;
        _nameAt = _bytes.Length - content.Length - messageId.Length - names.NameOf(0).Length;
    }

    /// <summary>How long every one is.</summary>
    public int Bytes => _bytes.Length;

    /// <summary>Requests of <c>SendDeviceMessages</c>, whose correlation ids are the message ids, or would be if messages had ids of their callers'.</summary>
    public static MessageRequest OfStream(DeviceNames names, int payloadBytes, bool hasOwnIds) => new(names, payloadBytes, isOfStream: true, hasOwnIds);

    /// <summary>Requests of <c>SendDeviceMessage</c>.</summary>
    public static MessageRequest OfCall(DeviceNames names, int payloadBytes) => new(names, payloadBytes, isOfStream: false, hasOwnIds: true);

    /// <summary>One request; valid until the next.</summary>
    public ReadOnlySpan<byte> For(int device, int sequence)
    {
        var id = MessageLedger.MessageIdOf(sequence);
        if (_correlationIdAt > 0)
        {
            WriteVarint(_bytes.AsSpan(_correlationIdAt, CorrelationIdBytes), id);
        }

        _names.Write(_bytes.AsSpan(_nameAt), device);
        if (_idAt > 0)
        {
            Utf8Formatter.TryFormat(id, _bytes.AsSpan(_idAt), out _);
        }

        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_payloadAt), sequence);
        return _bytes;
    }

    // Tag, length, value: as protobuf has text, bytes and messages.
    private static byte[] Field(int number, byte[] value) => [(byte)((number << 3) | 2), .. Length(value.Length), .. value];

    private static byte[] Length(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Length(value >> 7)];

    private static void WriteVarint(Span<byte> bytes, ulong value)
    {
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] = (byte)((value >> (7 * at)) & 0x7F);
            bytes[at] |= at < bytes.Length - 1 ? (byte)0x80 : (byte)0;
        }
    }
}
