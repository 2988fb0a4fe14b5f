using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.E2e.Tests.Broadcasts;

/// <summary>
/// One of very many devices: it counts the broadcasts that it gets, and remembers under which message id. A broadcast's payload is its number.
/// </summary>
internal sealed class FleetDevice : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProtocolVersion _version;
    private readonly Device _device;
    private readonly byte[] _topicPrefix;
    private readonly byte[] _buffer = new byte[512];
    private readonly long[] _messageIds;

    public FleetDevice(Device device, ProtocolVersion version, int broadcasts)
    {
        (_device, _version, _messageIds) = (device, version, new long[broadcasts]);
        _topicPrefix = Encoding.UTF8.GetBytes(device.BroadcastTopic(""));
    }

    /// <summary>What was received, by the broadcasts' numbers: the message id, 0 for nothing.</summary>
    public ReadOnlySpan<long> MessageIds => _messageIds;

    /// <summary>What came a second time, or was nothing that this device should get.</summary>
    public int Surplus { get; private set; }

    public async Task ConnectAsync(IPEndPoint server)
    {
        await _socket.ConnectAsync(server);
        _ = ReadAsync();
        await _socket.SendAsync(_device.Connect(_version).ToArray(_version));
        await _connected.Task;
    }

    /// <summary>Goes once to the server and back, behind everything that the server has sent before.</summary>
    public async Task PingAsync()
    {
        await _socket.SendAsync(PingReqPacket.Encoded.ToArray());
        await _answered.Task;
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync()
    {
        try
        {
            var length = 0;
            while (await _socket.ReceiveAsync(_buffer.AsMemory(length)) is > 0 and var received)
            {
                length += received;
                var taken = HandleAll(_buffer.AsSpan(0, length));
                _buffer.AsSpan(taken, length - taken).CopyTo(_buffer);
                length -= taken;
            }

            End(new IOException($"The server closed the connection of {_device.Name}."));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidDataException)
        {
            End(exception);
        }
    }

    private void End(Exception reason)
    {
        _connected.TrySetException(reason);
        _answered.TrySetException(reason);
    }

    private int HandleAll(ReadOnlySpan<byte> received)
    {
        var taken = 0;
        while (Frame.TryRead(received[taken..], _buffer.Length, out var header) == FrameStatus.Complete)
        {
            Handle(header, received.Slice(taken + header.HeaderLength, header.BodyLength));
            taken += header.TotalLength;
        }

        return taken;
    }

    private void Handle(FixedHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Type)
        {
            case PacketType.Publish when PublishPacket.TryRead(body, header.Flags, _version, Sender.Server, out var packet, out _):
                Count(packet);
                break;
            case PacketType.ConnAck when body[1] == 0:
                _connected.TrySetResult();
                break;
            case PacketType.PingResp:
                _answered.TrySetResult();
                break;
            default:
                throw new InvalidDataException($"{_device.Name} got {header.Type} {Convert.ToHexString(body)}.");
        }
    }

    private void Count(in PublishPacket packet)
    {
        if (packet.Topic.StartsWith(_topicPrefix)
            && Utf8Parser.TryParse(packet.Topic[_topicPrefix.Length..], out long messageId, out _)
            && Utf8Parser.TryParse(packet.Payload, out int number, out _)
            && number >= 0 && number < _messageIds.Length && _messageIds[number] == 0)
        {
            _messageIds[number] = messageId;
        }
        else
        {
            Surplus++;
        }
    }
}
