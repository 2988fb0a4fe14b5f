using System.Net;
using System.Text.Json;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using Status = IotPlatform.Protos.V1.DeviceMessage.Types.Status;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>What has happened to messages, told to those who watch and to those who ask.</summary>
public sealed class StatusEventTests(DevelopmentGateway gateway) : IClassFixture<DevelopmentGateway>
{
    private RestApi Api => gateway.Process.Api;

    [Fact]
    public async Task Watch_FromNowOn_TellsAMessagesLifeInOrder()
    {
        var device = await Api.CreateDeviceAsync();
        var before = await Api.SendMessageAsync(device, "before");
        await Api.PostAsync($"{RestApi.PathOf(device)}/messages/{before.MessageId}:cancel");
        await using var watch = await StatusWatch.OpenAsync(gateway.Process, new WatchDeviceMessagesRequest { ProductKey = device.ProductKey });

        (await Api.PostAsync($"{RestApi.PathOf(device)}/messages", new { messageId = "m1", name = "reboot", qos = 1, payload = "eA==" })).Expect(HttpStatusCode.Created);
        await using var client = await RawClient.ConnectAsync(gateway.Process.Mqtt, device.Connect());
        var events = await watch.ReadAsync(3, "the message's life");

        Assert.Equal([Status.Pending, Status.Sent, Status.Delivered], events.Select(static status => status.Status));
        Assert.All(events, status => Assert.Equal(
            (device.ProductKey, device.Name, "m1", "reboot", ""), (status.ProductKey, status.DeviceName, status.MessageId, status.Name, status.Reason)));
        var told = (await Api.MessageAsync(device, "m1")).Body.GetProperty("transitions").EnumerateArray().Select(static step => step.GetProperty("at").GetDateTimeOffset());
        Assert.Equal(told, events.Select(static status => status.At.ToDateTimeOffset()));
    }

    [Fact]
    public async Task Watch_WithAFilter_SeesNothingElse()
    {
        var devices = await Api.CreateDevicesAsync(2);
        var stranger = await Api.CreateDeviceAsync();
        await using var ofOne = await StatusWatch.OpenAsync(gateway.Process, new WatchDeviceMessagesRequest { ProductKey = devices[0].ProductKey, DeviceName = devices[1].Name });
        await using var ended = await StatusWatch.OpenAsync(
            gateway.Process, new WatchDeviceMessagesRequest { ProductKey = devices[0].ProductKey, Statuses = { Status.Failed, Status.Delivered } });

        foreach (var device in new[] { stranger, devices[0], devices[1] })
        {
            await Api.SendMessageAsync(device, "x", messageId: "m");
            (await Api.PostAsync($"{RestApi.PathOf(device)}/messages/m:cancel")).Expect(HttpStatusCode.OK);
        }

        Assert.Equal(
            [(devices[1].Name, Status.Pending), (devices[1].Name, Status.Failed)],
            (await ofOne.ReadAsync(2, "the second device's events")).Select(static status => (status.DeviceName, status.Status)));
        Assert.Equal(
            [(devices[0].Name, Status.Failed), (devices[1].Name, Status.Failed)],
            (await ended.ReadAsync(2, "the ends of the product's messages")).Select(static status => (status.DeviceName, status.Status)));
    }

    [Fact]
    public async Task Watch_FromAnyPosition_GoesOnBehindIt_WithoutAHole()
    {
        var devices = await Api.CreateDevicesAsync(3);
        await using var clients = await ClientGroup.ConnectAsync(gateway.Process, devices);
        var request = new WatchDeviceMessagesRequest { ProductKey = devices[0].ProductKey };
        await using var watch = await StatusWatch.OpenAsync(gateway.Process, request);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Api.SendMessageAsync(devices[i % devices.Length], "x")));
        var all = new List<(string Position, DeviceMessageEvent Event)>();
        for (var i = 0; i < 60; i++)
        {
            var status = Assert.Single(await watch.ReadAsync(1, $"event {i}"));
            all.Add((watch.Position, status));
        }

        for (var i = 0; i < all.Count - 1; i += 7)
        {
            request.Position = all[i].Position;
            await using var later = await StatusWatch.OpenAsync(gateway.Process, request);
            Assert.Equal(all.Skip(i + 1).Select(static entry => entry.Event), await later.ReadAsync(all.Count - i - 1, $"what follows event {i}"));
        }
    }

    [Fact]
    public async Task Watch_FromTheEarliest_AndPagesOfAll_TellTheSame()
    {
        var device = await Api.CreateDeviceAsync();
        for (var i = 0; i < 5; i++)
        {
            await Api.SendMessageAsync(device, "x", messageId: $"m{i}");
            await Api.PostAsync($"{RestApi.PathOf(device)}/messages/m{i}:cancel");
        }

        await using var watch = await StatusWatch.OpenAsync(gateway.Process, new WatchDeviceMessagesRequest { ProductKey = device.ProductKey, Position = "earliest" });
        var watched = await watch.ReadAsync(10, "what has been before");
        var (listed, next) = await ListAsync($"productKey={device.ProductKey}&deviceName={device.Name}", "");

        Assert.Equal(Enumerable.Range(0, 5).SelectMany(static i => new[] { ($"m{i}", "PENDING", ""), ($"m{i}", "FAILED", "Cancelled.") }), listed);
        Assert.Equal(listed, watched.Select(static status => (status.MessageId, status.Status.ToString().ToUpperInvariant(), status.Reason)));

        // A token reads on later, and is a position as well.
        await Api.SendMessageAsync(device, "x", messageId: "later");
        Assert.Equal([("later", "PENDING", "")], (await ListAsync($"productKey={device.ProductKey}", next)).Events);
        await using var on = await StatusWatch.OpenAsync(gateway.Process, new WatchDeviceMessagesRequest { ProductKey = device.ProductKey, Position = next });
        Assert.Equal("later", Assert.Single(await on.ReadAsync(1, "what came behind the page")).MessageId);
        Assert.Equal(5, (await ListAsync($"productKey={device.ProductKey}&statuses=FAILED", "")).Events.Count);
    }

    [Fact]
    public async Task MessageThatIsNotDeliveredInTime_IsTold_WithTheReason()
    {
        var device = await Api.CreateDeviceAsync();
        await using var watch = await StatusWatch.OpenAsync(gateway.Process, new WatchDeviceMessagesRequest { ProductKey = device.ProductKey });

        await Api.SendMessageAsync(device, "x", ttl: 1);

        var events = await watch.ReadAsync(2, "the end of a message with a short ttl");
        Assert.Equal([Status.Pending, Status.Timeout], events.Select(static status => status.Status));
        Assert.Equal(("", true), (events[0].Reason, events[1].Reason.Length > 0));
    }

    [Fact]
    public async Task WhatCanNotBeWatched_IsRefused()
    {
        var device = await Api.CreateDeviceAsync();
        await Api.SendMessageAsync(device, "x");
        foreach (var position in new[] { "x", "1", "1.2", "1.2.3.4", "-1.0.0", "0.-1.0", "0.1.x", "0.9223372036854775807.0", "1.0.0", "99999999999999999999.0.0", "Earliest" })
        {
            Assert.Equal((position, StatusCode.InvalidArgument), (position, await StatusWatch.RefusalAsync(gateway.Process, new WatchDeviceMessagesRequest { Position = position })));
            (await Api.GetAsync($"/v1/messageEvents?pageToken={position}")).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
        }

        WatchDeviceMessagesRequest[] wrong =
        [
            new() { DeviceName = device.Name }, new() { ProductKey = "a b" }, new() { ProductKey = device.ProductKey, DeviceName = "a b" }, new() { Statuses = { Status.Unspecified } }, new() { Statuses = { (Status)99 } },
        ];
        foreach (var request in wrong)
        {
            Assert.Equal((request.ToString(), StatusCode.InvalidArgument), (request.ToString(), await StatusWatch.RefusalAsync(gateway.Process, request)));
        }

        (await Api.GetAsync($"/v1/messageEvents?deviceName={device.Name}")).Expect(HttpStatusCode.BadRequest, "INVALID_ARGUMENT");
    }

    [Fact]
    public async Task Position_GoesOnWhenTheGatewayWasKilled_AndNothingThatWasAcceptedIsMissing()
    {
        await using var own = await GatewayProcess.StartAsync();
        var device = await own.Api.CreateDeviceAsync();
        var request = new WatchDeviceMessagesRequest { ProductKey = device.ProductKey };
        var accepted = new List<string>();
        await using (var watch = await StatusWatch.OpenAsync(own, request))
        {
            accepted.Add((await own.Api.SendMessageAsync(device, "x")).MessageId);
            await watch.ReadAsync(1, "the first message's event");
            request.Position = watch.Position;
        }

        for (var i = 0; i < 20; i++)
        {
            accepted.Add((await own.Api.SendMessageAsync(device, "x")).MessageId);
        }

        own.Kill();
        await own.StartAsync();
        accepted.Add((await own.Api.SendMessageAsync(device, "x")).MessageId);

        await using var again = await StatusWatch.OpenAsync(own, request);
        var events = await again.ReadAsync(accepted.Count - 1, "what was accepted before the kill");
        Assert.Equal(accepted.Skip(1).Select(static messageId => (messageId, Status.Pending)), events.Select(static status => (status.MessageId, status.Status)));
    }

    [Fact]
    public async Task Position_BehindWhichNothingIsKeptAnyMore_IsOutOfRange()
    {
        await using var own = await GatewayProcess.StartAsync(settings: [("Messages__EventRetention", "00:00:01")]);
        var device = await own.Api.CreateDeviceAsync();
        string old;
        await using (var watch = await StatusWatch.OpenAsync(own, new WatchDeviceMessagesRequest()))
        {
            old = watch.Position;
            await own.Api.SendMessageAsync(device, "x");
            await watch.ReadAsync(1, "the event while it is kept");
            await Deadline.UntilAsync(() => own.Api.GetAsync("/v1/messageEvents"), static page => page.Expect(HttpStatusCode.OK).Items("events").Length == 0, "the event is not kept any more");

            // Who has seen it misses nothing.
            await own.Api.SendMessageAsync(device, "x", messageId: "new");
            Assert.Equal("new", Assert.Single(await watch.ReadAsync(1, "the next event")).MessageId);
        }

        Assert.Equal(StatusCode.OutOfRange, await StatusWatch.RefusalAsync(own, new WatchDeviceMessagesRequest { Position = old }));
        (await own.Api.GetAsync($"/v1/messageEvents?pageToken={old}")).Expect(HttpStatusCode.BadRequest, "OUT_OF_RANGE");
        await using var earliest = await StatusWatch.OpenAsync(own, new WatchDeviceMessagesRequest { Position = "earliest" });
        await own.Api.SendMessageAsync(device, "x", messageId: "last");
        DeviceMessageEvent? last;
        do
        {
            last = await earliest.TryReadAsync("what is kept");
        }
        while (last?.MessageId == "new");
        Assert.Equal("last", last?.MessageId);
    }

    private async Task<(List<(string MessageId, string Status, string Reason)> Events, string Next)> ListAsync(string filter, string token)
    {
        var events = new List<(string MessageId, string Status, string Reason)>();
        while (true)
        {
            var page = (await Api.GetAsync($"/v1/messageEvents?{filter}&pageToken={token}")).Expect(HttpStatusCode.OK);
            events.AddRange(page.Items("events").Select(static status => (Text(status, "messageId"), Text(status, "status"), Text(status, "reason"))));
            token = page.Text("nextPageToken");
            if (page.Flag("atEnd"))
            {
                return (events, token);
            }
        }
    }

    private static string Text(JsonElement status, string field) => Answer.TextOf(status, field);
}
