using System.Net;
using System.Threading.Channels;
using IotPlatform.Testkit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>A server that status events are pushed to. It keeps what comes, and answers as a test says.</summary>
internal sealed class PushReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<PushedStatus> _taken = Channel.CreateUnbounded<PushedStatus>();
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly List<PushedStatus> _all = [];

    private PushReceiver(WebApplication app) => _app = app;

    /// <summary>Says with which status a request is answered. Called for one at a time.</summary>
    public Func<PushedStatus, int> Answer { get; set; } = static _ => StatusCodes.Status204NoContent;

    public Uri Address { get; private set; } = null!;

    /// <summary>Every request, also those that were not answered well.</summary>
    public PushedStatus[] All
    {
        get
        {
            lock (_gate)
            {
                return [.. _all];
            }
        }
    }

    public static async Task<PushReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var receiver = new PushReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        receiver.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return receiver;
    }

    /// <summary>A URL of it. What comes to a path that ends with <c>/hang</c> is never answered.</summary>
    public string Url(string path = "/events") => new Uri(Address, path).AbsoluteUri;

    /// <summary>The next event that was answered with a 2xx status.</summary>
    public Task<PushedStatus> TakeAsync(string awaited) => Deadline.WithinAsync(_taken.Reader.ReadAsync().AsTask(), awaited);

    /// <summary>The events that were answered with a 2xx status, until there are so many different ones.</summary>
    public async Task<List<PushedStatus>> TakeAsync(int count, string awaited)
    {
        var events = new List<PushedStatus>();
        var ids = new HashSet<string>();
        while (ids.Count < count)
        {
            var next = await TakeAsync($"{awaited}, {ids.Count + 1} of {count}");
            ids.Add(next.EventId);
            events.Add(next);
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _app.DisposeAsync();
        _ending.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var pushed = new PushedStatus(
            context.Request.Method,
            $"{context.Request.Path}{context.Request.QueryString}",
            context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        int status;
        lock (_gate)
        {
            _all.Add(pushed);
            status = Answer(pushed);
        }

        if (pushed.Path.EndsWith("/hang", StringComparison.Ordinal))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _ending.Token);
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = over.Token.Register(end.SetResult);
            await end.Task;
            return;
        }

        if (status is >= 200 and < 300)
        {
            await _taken.Writer.WriteAsync(pushed);
        }

        context.Response.StatusCode = status;
        if (status is >= 300 and < 400)
        {
            context.Response.Headers.Location = Url("/elsewhere");
        }
    }
}
