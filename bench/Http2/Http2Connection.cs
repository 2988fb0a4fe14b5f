using System.Buffers;
using System.Buffers.Binary;
using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Http2;

/// <summary>
/// A connection to a gRPC server, without TLS and with prior knowledge [RFC 9113, 3.3]. Written on a socket because a client library would use more CPU for a
/// message than the server that is measured. What is written is sent together by <see cref="Flush"/>.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    /// <summary>What the server may send on a stream, and on the connection, ahead of what has been read.</summary>
    public const int ReceiveWindowBytes = 16 * 1024 * 1024;

    private const int FirstWindowBytes = 65_535;
    private const int SettingBytes = 6;
    private const ushort HeaderTableSize = 1;
    private const ushort EnablePush = 2;
    private const ushort InitialWindowSize = 4;

    private readonly IHttp2Receiver _receiver;
    private readonly ArrayBufferWriter<byte> _out = new(256 * 1024);
    private readonly byte[] _in = new byte[256 * 1024];
    private int _inBytes;
    private int _ungranted;
    private int _nextStream = 1;

    public Http2Connection(int port, IHttp2Receiver receiver)
    {
        _receiver = receiver;
        Descriptor = RawSocket.Connect(port);
        WritePreface();
        Flush();
    }

    public int Descriptor { get; }

    /// <summary>Bytes of bodies that the server takes now, on all streams together.</summary>
    public int Window { get; private set; } = FirstWindowBytes;

    /// <summary>Bytes that the server takes of each stream before it grants more.</summary>
    public int StreamWindow { get; private set; } = FirstWindowBytes;

    /// <summary>Begins a stream and answers its identifier.</summary>
    public int Begin(ReadOnlySpan<byte> fields)
    {
        var stream = _nextStream;
        _nextStream += 2;
        Write(Http2Frame.Headers, Http2Frame.EndHeaders, stream, fields);
        return stream;
    }

    /// <summary>Writes a part of a stream's body; the caller has looked at the windows.</summary>
    public void WriteData(int stream, ReadOnlySpan<byte> data, bool isLast)
    {
        Window -= data.Length;
        while (data.Length > Http2Frame.PayloadBytesMax)
        {
            Write(Http2Frame.Data, 0, stream, data[..Http2Frame.PayloadBytesMax]);
            data = data[Http2Frame.PayloadBytesMax..];
        }

        Write(Http2Frame.Data, isLast ? Http2Frame.EndStream : (byte)0, stream, data);
    }

    /// <summary>Lets the server send so much more on a stream, or with 0 on the connection.</summary>
    public void Grant(int stream, int bytes)
    {
        Span<byte> increment = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(increment, bytes);
        Write(Http2Frame.WindowUpdate, 0, stream, increment);
    }

    /// <summary>Sends what was written.</summary>
    public void Flush()
    {
        if (_out.WrittenCount > 0)
        {
            RawSocket.SendAll(Descriptor, _out.WrittenSpan);
            _out.ResetWrittenCount();
        }
    }

    /// <summary>Receives what is there, and hands it on.</summary>
    public void Receive()
    {
        var received = RawSocket.ReceiveWaiting(Descriptor, _in.AsSpan(_inBytes));
        if (received == 0)
        {
            throw new EndOfStreamException("The server closed a connection of the gRPC API.");
        }

        _inBytes += Math.Max(received, 0);
        var at = 0;
        while (Http2Frame.TryRead(_in.AsSpan(at, _inBytes - at), out var frame))
        {
            at += Http2Frame.HeaderBytes + frame.Payload.Length;
            Take(frame);
        }

        _in.AsSpan(at, _inBytes - at).CopyTo(_in);
        _inBytes -= at;
    }

    public void Dispose() => RawSocket.Close(Descriptor);

    // [RFC 9113, 3.4] Without a table for fields, the server writes them so that they can be read without one.
    private void WritePreface()
    {
        _out.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[3 * SettingBytes];
        WriteSetting(settings, HeaderTableSize, 0);
        WriteSetting(settings[SettingBytes..], EnablePush, 0);
        WriteSetting(settings[(2 * SettingBytes)..], InitialWindowSize, ReceiveWindowBytes);
        Write(Http2Frame.Settings, 0, 0, settings);
        Grant(0, ReceiveWindowBytes - FirstWindowBytes);
    }

    private static void WriteSetting(Span<byte> bytes, ushort identifier, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, identifier);
        BinaryPrimitives.WriteInt32BigEndian(bytes[sizeof(ushort)..], value);
    }

    private void Write(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var bytes = _out.GetSpan(Http2Frame.HeaderBytes + payload.Length);
        Http2Frame.WriteHeader(bytes, payload.Length, type, flags, stream);
        payload.CopyTo(bytes[Http2Frame.HeaderBytes..]);
        _out.Advance(Http2Frame.HeaderBytes + payload.Length);
    }

    private void Take(in Http2Frame frame)
    {
        switch (frame.Type)
        {
            case Http2Frame.Data:
                TakeData(frame);
                break;
            case Http2Frame.Headers:
                TakeHeaders(frame);
                break;
            case Http2Frame.Settings when !frame.Has(Http2Frame.Acknowledgement):
                TakeSettings(frame.Payload);
                Write(Http2Frame.Settings, Http2Frame.Acknowledgement, 0, []);
                break;
            case Http2Frame.Ping when !frame.Has(Http2Frame.Acknowledgement):
                Write(Http2Frame.Ping, Http2Frame.Acknowledgement, 0, frame.Payload);
                break;
            case Http2Frame.WindowUpdate when frame.Stream == 0:
                Window += BinaryPrimitives.ReadInt32BigEndian(frame.Payload);
                break;
            case Http2Frame.WindowUpdate:
                _receiver.Granted(frame.Stream, BinaryPrimitives.ReadInt32BigEndian(frame.Payload));
                break;
            case Http2Frame.ResetStream:
                throw new IOException($"The server reset a stream: error {BinaryPrimitives.ReadInt32BigEndian(frame.Payload)}.");
            case Http2Frame.GoAway:
                throw new IOException($"The server ends a connection of the gRPC API: error {BinaryPrimitives.ReadInt32BigEndian(frame.Payload[4..])}.");
        }
    }

    private void TakeData(in Http2Frame frame)
    {
        var data = frame.Has(Http2Frame.Padded) ? frame.Payload[1..^frame.Payload[0]] : frame.Payload;
        _receiver.Data(frame.Stream, data);
        _ungranted += frame.Payload.Length;
        if (_ungranted >= ReceiveWindowBytes / 4)
        {
            Grant(0, _ungranted);
            _ungranted = 0;
        }

        if (frame.Has(Http2Frame.EndStream))
        {
            _receiver.Ended(frame.Stream, []);
        }
    }

    private void TakeHeaders(in Http2Frame frame)
    {
        if (!frame.Has(Http2Frame.EndHeaders))
        {
            throw new InvalidDataException("The server sent more fields than fit into a frame.");
        }

        if (frame.Has(Http2Frame.EndStream))
        {
            _receiver.Ended(frame.Stream, frame.Payload);
        }
    }

    private void TakeSettings(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length >= SettingBytes; settings = settings[SettingBytes..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) == InitialWindowSize)
            {
                StreamWindow = BinaryPrimitives.ReadInt32BigEndian(settings[sizeof(ushort)..]);
            }
        }
    }
}
