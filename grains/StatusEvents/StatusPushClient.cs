using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IotPlatform.Devices;
using Microsoft.Extensions.Options;

namespace IotPlatform.StatusEvents;

/// <summary>
/// Posts status events to URLs. The body is that of Huawei IoTDA's device message status notification; <c>Iot-Signature</c> is <c>v1=</c> and the hexadecimal
/// HMAC-SHA256, with the push's secret, over <c>Iot-Timestamp</c> (seconds since the Unix epoch), a full stop, and the body.
/// </summary>
internal sealed class StatusPushClient : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;
    private readonly StatusPushOptions _options;
    private readonly TimeProvider _time;

    public StatusPushClient(IOptions<StatusPushOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            // Whom it would lead to was not asked for by whoever configured the URL.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = _options.Timeout,

            // A name may mean another address by then.
            PooledConnectionLifetime = ConnectionLifetime,

            // As many as all pushes together have requests under way: with fewer, pushes to one server would wait for one another.
            MaxConnectionsPerServer = int.MaxValue,
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Posts an event.</summary>
    /// <returns>Null when it was taken; otherwise what went wrong.</returns>
    public async Task<string?> PostAsync(StatusPush push, StatusEvent status, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.Timeout, _time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var request = Request(push, status);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ending.Token);
            return response.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"It answered {(int)response.StatusCode}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "It did not answer in time.";
        }
        catch (HttpRequestException exception)
        {
            return exception.InnerException is PrivateAddressException ? exception.InnerException.Message : $"It could not be reached: {exception.HttpRequestError}.";
        }
        catch (IOException)
        {
            return "It broke the connection off.";
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The body of an event's request.</summary>
    internal static byte[] Body(StatusEvent status)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("resource"u8, "device.message.status"u8);
            json.WriteString("event"u8, "update"u8);
            json.WriteStartObject("notify_data"u8);
            json.WriteString("message_id"u8, status.MessageId);
            json.WriteString("name"u8, status.Name);
            json.WriteString("device_id"u8, $"{status.Device.ProductKey}_{status.Device.DeviceName}");
            json.WriteString("status"u8, NameOf(status.Status));
            json.WriteString("timestamp"u8, status.At.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>The signature of a body that is sent at a time.</summary>
    internal static string Signature(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(timestamp), (byte)'.', .. body];
        return $"v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }

    private HttpRequestMessage Request(StatusPush push, StatusEvent status)
    {
        var body = Body(status);
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, push.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Iot-Push-Id", push.Id);

        // The same each time that this event is pushed: whoever has seen it may leave it.
        request.Headers.Add("Iot-Event-Id", status.Position.ToString());
        request.Headers.Add("Iot-Product-Key", status.Device.ProductKey);
        request.Headers.Add("Iot-Device-Name", status.Device.DeviceName);
        request.Headers.Add("Iot-Timestamp", timestamp);
        request.Headers.Add("Iot-Signature", Signature(push.Secret, timestamp, body));
        return request;
    }

    private static string NameOf(MessageStatus status) => status switch
    {
        MessageStatus.Pending => "PENDING",
        MessageStatus.Sent => "SENT",
        MessageStatus.Delivered => "DELIVERED",
        MessageStatus.TimedOut => "TIMEOUT",
        _ => "FAILED",
    };

    // Here, and not when the name is looked at: it is connected to exactly what was looked at.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = _options.AllowPrivateAddresses ? addresses : Array.FindAll(addresses, PublicAddresses.Contains);
        if (allowed.Length == 0 && addresses.Length > 0)
        {
            throw new PrivateAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class PrivateAddressException() : Exception("Its name leads to an address that is not public, which the installation does not allow.");
}
