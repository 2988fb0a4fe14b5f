using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>Asks a platform, through its public REST API, what its store says of messages.</summary>
internal sealed class StoredMessages : IDisposable
{
    private static readonly string[] OpenStatuses = ["PENDING", "SENT"];

    private readonly HttpClient _client;

    public StoredMessages(IPlatform platform)
    {
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{platform.HttpPorts[0]}/v1/products/{DeviceNames.DemoProduct}/"), Timeout = TimeSpan.FromSeconds(60) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", platform.Key);
    }

    /// <summary>Whether any message has not ended.</summary>
    public bool HasOpen() => Array.Exists(OpenStatuses, status => Count($"messages?status={status}&pageSize=1") > 0);

    /// <summary>Whether any message has ended otherwise than by being delivered.</summary>
    public bool HasUndelivered() => Count("messages?status=TIMEOUT&pageSize=1") + Count("messages?status=FAILED&pageSize=1") > 0;

    /// <summary>How many messages wait for a device.</summary>
    public int PendingOf(string device) => Count($"devices/{device}/messages?status=PENDING&pageSize=1000");

    public void Dispose() => _client.Dispose();

    /// <summary>Tells the ledger of all that wait as if they had come to their devices: the oldest of each first.</summary>
    /// <returns>Whether all of them are the ledger's.</returns>
    public bool TryCollect(MessageLedger ledger)
    {
        var token = "";
        do
        {
            using var page = Get($"messages?status=PENDING&pageSize=1000&pageToken={Uri.EscapeDataString(token)}");
            foreach (var message in page.RootElement.GetProperty("messages").EnumerateArray())
            {
                var device = int.Parse(message.GetProperty("deviceName").GetString().AsSpan(1), CultureInfo.InvariantCulture) - 1;
                var isKnown = ulong.TryParse(message.GetProperty("messageId").GetString(), CultureInfo.InvariantCulture, out var messageId);
                if (!isKnown || !ledger.TryArrive(device, MessageLedger.SequenceOf(messageId), messageId, Stopwatch.GetTimestamp()))
                {
                    return false;
                }
            }

            token = page.RootElement.TryGetProperty("nextPageToken", out var next) ? next.GetString()! : "";
        }
        while (token.Length > 0);
        return true;
    }

    private int Count(string path)
    {
        using var json = Get(path);
        return json.RootElement.TryGetProperty("messages", out var messages) ? messages.GetArrayLength() : 0;
    }

    private JsonDocument Get(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var answer = _client.Send(request);
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(answer.Content.ReadAsStream())
            : throw new IOException($"GET {path} was answered with {(int)answer.StatusCode}");
    }
}
