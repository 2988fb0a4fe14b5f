using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Transport.Limits;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport.Proxies;

/// <summary>Finds out whose connections those are that a load balancer makes.</summary>
internal sealed partial class ProxyProtocol(IOptions<GatewayOptions> options, GatewayInstruments instruments, ILogger<ProxyProtocol> logger)
{
    private readonly IPNetwork[] _from = [.. options.Value.ProxyProtocol.From.Select(IPNetwork.Parse)];
    private bool _hasWarned;

    /// <summary>Whether connections from there begin with a header.</summary>
    public bool IsExpectedFrom(IPAddress peer)
    {
        foreach (var network in _from)
        {
            if (network.Contains(peer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes the header from the front of a socket, and nothing behind it.</summary>
    /// <returns>Where the client is; null when there is no right header.</returns>
    public async ValueTask<IPEndPoint?> FindClientAsync(Socket socket, IPEndPoint peer, CancellationToken patience)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ProxyHeader.BytesMax);
        try
        {
            var (length, needed) = (0, ProxyHeader.FixedBytes);
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(length, needed - length), patience).ConfigureAwait(false);
                length += received;
                var status = ProxyHeader.TryRead(buffer.AsSpan(0, length), out needed, out var client);
                if (received == 0 || status != ProxyHeaderStatus.NeedMore)
                {
                    return Judge(status, client, peer);
                }
            }
        }
        catch (Exception exception) when (ChannelFault.IsEnd(exception))
        {
            return Judge(ProxyHeaderStatus.NeedMore, client: null, peer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes the header from the front of a pipe.</summary>
    /// <inheritdoc cref="FindClientAsync(Socket, IPEndPoint, CancellationToken)"/>
    public async ValueTask<IPEndPoint?> FindClientAsync(PipeReader pipe, IPEndPoint peer, CancellationToken patience)
    {
        try
        {
            while (true)
            {
                var received = await pipe.ReadAsync(patience).ConfigureAwait(false);
                var buffer = received.Buffer;
                var status = ProxyHeader.TryRead(buffer.Slice(0, Math.Min(buffer.Length, ProxyHeader.BytesMax)).ToArray(), out var needed, out var client);
                if (received.IsCompleted || status != ProxyHeaderStatus.NeedMore)
                {
                    pipe.AdvanceTo(status == ProxyHeaderStatus.Complete ? buffer.GetPosition(needed) : buffer.End);
                    return Judge(status, client, peer);
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception exception) when (ChannelFault.IsEnd(exception))
        {
            return Judge(ProxyHeaderStatus.NeedMore, client: null, peer);
        }
    }

    private IPEndPoint? Judge(ProxyHeaderStatus status, IPEndPoint? client, IPEndPoint peer)
    {
        if (status == ProxyHeaderStatus.Complete)
        {
            // A load balancer's own connections, which look whether the gateway is there, have no client.
            return client ?? peer;
        }

        if (status == ProxyHeaderStatus.NeedMore)
        {
            // It ended, or took too long, which strangers do as well.
            return null;
        }

        instruments.ConnectionRefused(RefusalReason.ProxyHeader);
        if (!Interlocked.Exchange(ref _hasWarned, true))
        {
            LogMalformed(logger, peer.Address);
        }

        return null;
    }

    [LoggerMessage(4016, LogLevel.Warning, "Connections from {Address} do not begin with a right PROXY protocol header (Mqtt:ProxyProtocol:From), and are closed; told once")]
    private static partial void LogMalformed(ILogger logger, IPAddress address);
}
