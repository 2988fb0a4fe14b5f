using System.Collections.Immutable;
using IotPlatform.Devices;
using IotPlatform.Products;
using IotPlatform.Storage;
using IotPlatform.Topics;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>What every dialect's store promises.</summary>
public abstract partial class StoreTests(StoreHost host) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(123_456);
    private static readonly DeviceId Device = new("p", "d");

    public Task InitializeAsync() => host.OpenAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [SkippableTheory]
    [InlineData(MessageStatus.Pending, false)]
    [InlineData(MessageStatus.Failed, true)]
    public async Task Message_KeepsEveryField(MessageStatus status, bool isFull)
    {
        var progress = isFull ? new MessageProgress(status, 7, 3, Start.AddSeconds(1), Start.AddSeconds(2), "Ünterwegs verloren 🛰") : MessageProgress.Accepted;
        var message = new DeviceMessage(
            Device, "id-1", long.MaxValue - 1, "näme", new byte[] { 0, 255, 1 }, "/t/ü", isFull, isFull ? 1 : 0, Start, Start.AddDays(1), progress);
        Assert.True(await host.Messages.TryAppendAsync(message));
        await host.ReopenAsync();
        AssertSame(message, await host.Messages.FindAsync(Device, "id-1"));
    }

    [SkippableFact]
    public async Task Message_WithAnEmptyPayload_KeepsIt()
    {
        await host.Messages.TryAppendAsync(Message(1) with { Payload = default });
        Assert.Equal(0, (await host.Messages.FindAsync(Device, "m1"))!.Payload.Length);
    }

    [SkippableFact]
    public async Task Message_InAPartOfALargerArray_KeepsThatPart()
    {
        await host.Messages.TryAppendAsync(Message(1) with { Payload = new byte[] { 1, 2, 3, 4 }.AsMemory(1, 2) });
        Assert.Equal([2, 3], (await host.Messages.FindAsync(Device, "m1"))!.Payload.ToArray());
    }

    [SkippableFact]
    public async Task Message_WithAnIdThatIsTaken_IsNotStored()
    {
        Assert.True(await host.Messages.TryAppendAsync(Message(1)));
        Assert.False(await host.Messages.TryAppendAsync(Message(2) with { MessageId = "m1" }));
        AssertSame(Message(1), await host.Messages.FindAsync(Device, "m1"));
        Assert.True(await host.Messages.TryAppendAsync(Message(1) with { Device = new DeviceId("p", "other") }));
    }

    // Open or ended, whether its id is its caller's or its sequence, in this process and in the next.
    [SkippableTheory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Message_WithAnIdThatIsTaken_IsNotStored_AfterReopeningEither(bool hasOwnId, bool hasEnded)
    {
        var first = hasOwnId ? Message(1) : Message(1) with { MessageId = "1" };
        Assert.True(await host.Messages.TryAppendAsync(first));
        Assert.True(await host.Messages.TryAppendAsync(Message(2)));
        if (hasEnded)
        {
            await host.Messages.UpdateAsync(Device, first.MessageId, new MessageProgress(MessageStatus.Delivered, 1, 0, Start, Start, null), sequence: 1);
        }

        var repeated = Message(3) with { MessageId = first.MessageId };
        Assert.False(await host.Messages.TryAppendAsync(repeated));
        await host.ReopenAsync();
        Assert.False(await host.Messages.TryAppendAsync(repeated));
        Assert.False(await host.Messages.TryAppendAsync(repeated));
        Assert.Equal(1, (await host.Messages.FindAsync(Device, first.MessageId))!.Sequence);
        Assert.False(await host.Messages.TryAppendAsync(Message(4) with { MessageId = "m2" }));
        Assert.True(await host.Messages.TryAppendAsync(Message(4)));
    }

    [SkippableFact]
    public async Task Messages_WithOneIdAtOnce_AreStoredOnce()
    {
        var isNew = await Task.WhenAll(Enumerable.Range(1, 50).Select(i => host.Messages.TryAppendAsync(Message(i) with { MessageId = "m" })));
        var sequence = (await host.Messages.FindAsync(Device, "m"))!.Sequence;
        Assert.Equal(Enumerable.Range(1, 50).Select(i => i == sequence), isNew);
    }

    [SkippableFact]
    public async Task Message_OfAnotherDeviceOrId_IsNotFound()
    {
        await host.Messages.TryAppendAsync(Message(1));
        Assert.Null(await host.Messages.FindAsync(Device, "M1"));
        Assert.Null(await host.Messages.FindAsync(new DeviceId("p", "D"), "m1"));
    }

    [SkippableFact]
    public async Task Update_StoresTheProgress()
    {
        await host.Messages.TryAppendAsync(Message(1));
        var progress = new MessageProgress(MessageStatus.Delivered, 2, 1, Start.AddSeconds(1), Start.AddSeconds(2), null);
        await host.Messages.UpdateAsync(Device, "m1", progress);
        await host.ReopenAsync();
        Assert.Equal(progress, (await host.Messages.FindAsync(Device, "m1"))!.Progress);
    }

    [SkippableFact]
    public async Task Update_OfWhatIsFinal_ChangesNothing()
    {
        await host.Messages.TryAppendAsync(Message(1));
        var final = Finished(MessageStatus.Delivered, 1);
        await host.Messages.UpdateAsync(Device, "m1", final);
        await host.Messages.UpdateAsync(Device, "m1", MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1, SentAt = Start });
        await host.Messages.UpdateAsync(Device, "m1", Finished(MessageStatus.Failed, 2));
        Assert.Equal(final, (await host.Messages.FindAsync(Device, "m1"))!.Progress);
    }

    [SkippableFact]
    public async Task Updates_HandedInAtOnce_LeaveTheFirstThatIsFinal()
    {
        await host.Messages.TryAppendAsync(Message(1));
        var sent = MessageProgress.Accepted with { Status = MessageStatus.Sent, SentAt = Start };
        MessageProgress[] updates = [sent with { Attempts = 1 }, sent with { Attempts = 2 }, Finished(MessageStatus.Delivered, 3), Finished(MessageStatus.Failed, 4)];
        await Task.WhenAll(updates.Select(update => host.Messages.UpdateAsync(Device, "m1", update)));
        Assert.Equal(updates[2], (await host.Messages.FindAsync(Device, "m1"))!.Progress);
    }

    [SkippableFact]
    public async Task Update_HandedInWithItsMessage_IsStored()
    {
        var update = MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1, SentAt = Start };
        Task[] writes =
        [
            .. Enumerable.Range(1, 20).Select(i => host.Messages.TryAppendAsync(Message(i))),
            .. Enumerable.Range(1, 20).Select(i => host.Messages.UpdateAsync(Device, $"m{i}", update with { Attempts = i })),
        ];
        await Task.WhenAll(writes);
        Assert.Equal(Enumerable.Range(1, 20), (await host.Messages.LoadOpenAsync(Device)).Select(static m => m.Progress.Attempts));
    }

    [SkippableFact]
    public async Task Update_HandedInBeforeItsMessage_DoesNotReachIt()
    {
        Task[] writes = [host.Messages.UpdateAsync(Device, "m1", Finished(MessageStatus.Failed, 1)), host.Messages.TryAppendAsync(Message(1))];
        await Task.WhenAll(writes);
        AssertSame(Message(1), await host.Messages.FindAsync(Device, "m1"));
    }

    [SkippableFact]
    public async Task Update_OfAnUnknownMessage_StoresNothing()
    {
        await host.Messages.UpdateAsync(Device, "none", Finished(MessageStatus.Delivered, 1));
        Assert.Null(await host.Messages.FindAsync(Device, "none"));
    }

    [SkippableFact]
    public async Task OpenMessages_SurviveReopening_InTheirOrder()
    {
        foreach (var sequence in new[] { 3, 1, 5, 2, 4 })
        {
            await host.Messages.TryAppendAsync(Message(sequence));
        }

        await host.Messages.UpdateAsync(Device, "m2", MessageProgress.Accepted with { Status = MessageStatus.Sent, Attempts = 1, SentAt = Start });
        await host.Messages.UpdateAsync(Device, "m4", Finished(MessageStatus.Delivered, 1));
        await host.Messages.UpdateAsync(Device, "m5", Finished(MessageStatus.TimedOut, 1));
        Assert.Equal(["m1", "m2", "m3"], Ids(await host.Messages.LoadOpenAsync(Device)));
        await host.ReopenAsync();
        Assert.Equal(["m1", "m2", "m3"], Ids(await host.Messages.LoadOpenAsync(Device)));
        Assert.Empty(await host.Messages.LoadOpenAsync(new DeviceId("p", "other")));
    }

    [SkippableFact]
    public async Task OpenMessages_OfADeviceThatHadNone_AreFound()
    {
        Assert.Empty(await host.Messages.LoadOpenAsync(Device));
        await host.Messages.TryAppendAsync(Message(1));
        Assert.Single(await host.Messages.LoadOpenAsync(Device));
        await host.Messages.UpdateAsync(Device, "m1", Finished(MessageStatus.Failed, 1));
        Assert.Empty(await host.Messages.LoadOpenAsync(Device));
        await host.Messages.TryAppendAsync(Message(2));
        Assert.Equal(["m2"], Ids(await host.Messages.LoadOpenAsync(Device)));
    }

    [SkippableFact]
    public async Task OpenMessages_OfManyDevicesAtOnce_AreEachDevicesOwn()
    {
        DeviceId[] devices = [.. Enumerable.Range(0, 700).Select(static i => new DeviceId("p", $"d{i}"))];
        await Task.WhenAll(devices.SelectMany((device, i) => Enumerable.Range(0, i % 3).Select(
            k => host.Messages.TryAppendAsync(Message(10 - k) with { Device = device }))));
        var open = await Task.WhenAll(devices.Select(device => host.Messages.LoadOpenAsync(device).AsTask()));
        Assert.Equal(
            devices.Select(static (device, i) => (device, new[] { "", "m10", "m9 m10" }[i % 3])),
            open.Select((messages, i) => (messages.FirstOrDefault()?.Device ?? devices[i], string.Join(' ', Ids(messages)))));
    }

    [SkippableFact]
    public async Task Message_ThatIsFinalWhenStored_IsNotOpen()
    {
        await host.Messages.TryAppendAsync(Message(1) with { Progress = Finished(MessageStatus.Failed, 1) });
        Assert.Empty(await host.Messages.LoadOpenAsync(Device));
        Assert.Empty(await host.Messages.FindExpiredAsync(Start.AddYears(1), 10));
        Assert.Equal(1, await host.Messages.DeleteFinishedAsync(Start.AddSeconds(2), 10));
    }

    [SkippableFact]
    public async Task List_IsNewestFirst_PagedAndFiltered()
    {
        for (var i = 1; i <= 7; i++)
        {
            await host.Messages.TryAppendAsync(Message(i));
        }

        await host.Messages.TryAppendAsync(Message(8) with { Device = new DeviceId("p", "other") });
        await host.Messages.UpdateAsync(Device, "m2", Finished(MessageStatus.Delivered, 1));
        await host.Messages.UpdateAsync(Device, "m6", Finished(MessageStatus.Delivered, 1));
        Assert.Equal(["m7", "m6", "m5"], Ids(await host.Messages.ListAsync(Device, new ListDeviceMessages(null, 3, null))));
        Assert.Equal(["m4", "m3", "m2"], Ids(await host.Messages.ListAsync(Device, new ListDeviceMessages(null, 3, 5))));
        Assert.Equal(["m6", "m2"], Ids(await host.Messages.ListAsync(Device, new ListDeviceMessages(MessageStatus.Delivered, 10, null))));
        Assert.Equal(["m2"], Ids(await host.Messages.ListAsync(Device, new ListDeviceMessages(MessageStatus.Delivered, 10, 6))));
        Assert.Empty(await host.Messages.ListAsync(Device, new ListDeviceMessages(MessageStatus.Failed, 10, null)));
    }

    [SkippableFact]
    public async Task List_EndsEarlyWhereItsPayloadsAreLarge_AndMissesNone()
    {
        for (var i = 1; i <= 6; i++)
        {
            await host.Messages.TryAppendAsync(Message(i) with { Payload = new byte[IMessageStore.PageBytesMax / 2] });
        }

        var ids = new List<string>();
        long? before = null;
        while (await host.Messages.ListAsync(Device, new ListDeviceMessages(null, 100, before)) is { IsEmpty: false } page)
        {
            Assert.InRange(page.Length, 1, 3);
            ids.AddRange(Ids(page));
            before = page[^1].Sequence;
        }

        Assert.Equal(["m6", "m5", "m4", "m3", "m2", "m1"], ids);
    }

    [SkippableFact]
    public async Task Expired_AreDevicesWithAnOpenMessageWhoseTimeHasPassed()
    {
        for (var i = 0; i < 5; i++)
        {
            var device = new DeviceId("p", $"d{i}");
            await host.Messages.TryAppendAsync(Message(10 + i) with { Device = device, MessageId = "a", ExpiresAt = Start.AddSeconds(i) });
            await host.Messages.TryAppendAsync(Message(20 + i) with { Device = device, MessageId = "b", ExpiresAt = Start.AddSeconds(i) });
        }

        await host.Messages.UpdateAsync(new DeviceId("p", "d1"), "a", Finished(MessageStatus.Delivered, 0), sequence: 11);
        await host.Messages.UpdateAsync(new DeviceId("p", "d1"), "b", Finished(MessageStatus.Delivered, 0), sequence: 21);
        var expired = await host.Messages.FindExpiredAsync(Start.AddSeconds(3), 10);
        Assert.Equal(["d0", "d2", "d3"], expired.Select(static d => d.DeviceName).Order(StringComparer.Ordinal));
        Assert.Equal(2, (await host.Messages.FindExpiredAsync(Start.AddSeconds(3), 2)).Length);
        Assert.Empty(await host.Messages.FindExpiredAsync(Start.AddTicks(-TimeSpan.TicksPerMicrosecond), 10));
    }

    [SkippableFact]
    public async Task FinishedMessages_AreDeletedInBoundedBatches_AndOpenOnesStay()
    {
        for (var i = 1; i <= 6; i++)
        {
            await host.Messages.TryAppendAsync(Message(i));
            if (i != 6)
            {
                await host.Messages.UpdateAsync(Device, $"m{i}", Finished(MessageStatus.Delivered, i));
            }
        }

        var before = Start.AddSeconds(5);
        Assert.Equal(3, await host.Messages.DeleteFinishedAsync(before, 3));
        Assert.Equal(1, await host.Messages.DeleteFinishedAsync(before, 3));
        Assert.Equal(0, await host.Messages.DeleteFinishedAsync(before, 3));
        Assert.Equal(["m6", "m5"], Ids(await host.Messages.ListAsync(Device, new ListDeviceMessages(null, 10, null))));
    }

    [SkippableFact]
    public async Task Product_KeepsEveryField()
    {
        ProductView[] products = [new("p1", "Näme", true, false, Start, []), new("p2", "", false, true, Start.AddYears(10), [])];
        foreach (var product in products)
        {
            Assert.True(await host.Registry.TryAddProductAsync(product));
        }

        await host.ReopenAsync();
        Assert.Equal(products[0], await host.Registry.FindProductAsync("p1"));
        Assert.Equal(products[1], await host.Registry.FindProductAsync("p2"));
        Assert.Null(await host.Registry.FindProductAsync("P1"));
    }

    [SkippableFact]
    public async Task Product_WithAKeyThatIsTaken_IsNotStored()
    {
        Assert.True(await host.Registry.TryAddProductAsync(new ProductView("p", "first", true, false, Start, [])));
        Assert.False(await host.Registry.TryAddProductAsync(new ProductView("p", "second", true, false, Start, [])));
        Assert.Equal("first", (await host.Registry.FindProductAsync("p"))!.Name);
    }

    [SkippableFact]
    public async Task Product_CanBeDisabledAndEnabled()
    {
        await host.Registry.TryAddProductAsync(new ProductView("p", "", true, false, Start, []));
        await host.Registry.SetProductEnabledAsync("p", false);
        Assert.False((await host.Registry.FindProductAsync("p"))!.IsEnabled);
        await host.Registry.SetProductEnabledAsync("p", true);
        Assert.True((await host.Registry.FindProductAsync("p"))!.IsEnabled);
    }

    [SkippableFact]
    public async Task Product_KeepsItsTopicPermissions()
    {
        TopicPermission[] permissions = [new("fleet/${productKey}/ü", TopicAccess.Subscribe), new("a/+/#", TopicAccess.Publish | TopicAccess.Subscribe)];
        await host.Registry.TryAddProductAsync(new ProductView("p", "", true, false, Start, []));
        await host.Registry.TryAddProductAsync(new ProductView("q", "", true, false, Start, [.. permissions]));
        await host.Registry.SetTopicPermissionsAsync("p", [.. permissions]);
        await host.ReopenAsync();
        Assert.Equal(permissions, (await host.Registry.FindProductAsync("p"))!.TopicPermissions);
        Assert.Equal(permissions, (await host.Registry.FindProductAsync("q"))!.TopicPermissions);
        await host.Registry.SetTopicPermissionsAsync("p", []);
        Assert.Empty((await host.Registry.FindProductAsync("p"))!.TopicPermissions);
    }

    [SkippableFact]
    public async Task Product_WithDevices_IsNotDeleted()
    {
        await host.Registry.TryAddProductAsync(new ProductView("p", "", true, false, Start, []));
        await host.Registry.TryAddDevicesAsync([Registration("d")]);
        Assert.False(await host.Registry.TryDeleteProductAsync("p"));
        await host.Registry.DeleteDeviceAsync(Device);
        Assert.True(await host.Registry.TryDeleteProductAsync("p"));
        Assert.False(await host.Registry.TryDeleteProductAsync("p"));
        Assert.Null(await host.Registry.FindProductAsync("p"));
    }

    [SkippableFact]
    public async Task Products_AreListedInTheOrderOfTheirKeys()
    {
        foreach (var key in new[] { "b", "a", "B", "10", "9", "_" })
        {
            await host.Registry.TryAddProductAsync(new ProductView(key, "", true, false, Start, []));
        }

        var first = await host.Registry.ListProductsAsync(new PageRequest(4, null));
        var second = await host.Registry.ListProductsAsync(new PageRequest(4, first[^1].ProductKey));
        Assert.Equal(["10", "9", "B", "_", "a", "b"], first.Concat(second).Select(static p => p.ProductKey));
    }

    [SkippableFact]
    public async Task Device_KeepsEveryField()
    {
        var device = new DeviceRegistration(new DeviceId("p", "a.b@c:d"), "s3cret", false, Start);
        Assert.Null(await host.Registry.TryAddDevicesAsync([device]));
        await host.ReopenAsync();
        Assert.Equal(device, await host.Registry.FindDeviceAsync(device.Id));
        Assert.Null(await host.Registry.FindDeviceAsync(new DeviceId("p", "A.B@C:D")));
    }

    [SkippableFact]
    public async Task Device_KeepsItsTags_UntilItGetsOthers()
    {
        DeviceTag[] tags = [new("Z.1", ""), new("odd", "\"ü'\\ {},💡\n"), new("ring", "canary")];
        Assert.Null(await host.Registry.TryAddDevicesAsync([Registration("d") with { Tags = [.. tags] }, Registration("plain")]));
        await host.ReopenAsync();
        Assert.Equal(tags, (await host.Registry.FindDeviceAsync(Device))!.Tags);
        Assert.Equal([tags, []], (await host.Registry.ListDevicesAsync("p", new PageRequest(10, null))).Select(static d => d.Tags.ToArray()));

        await host.Registry.UpdateDeviceAsync(Registration("d") with { Tags = [new("ring", "stable")] });
        await host.Registry.UpdateDeviceAsync(Registration("plain") with { Tags = [.. tags] });
        await host.ReopenAsync();
        Assert.Equal(new DeviceTag("ring", "stable"), Assert.Single((await host.Registry.FindDeviceAsync(Device))!.Tags));
        Assert.Equal(tags, (await host.Registry.FindDeviceAsync(new DeviceId("p", "plain")))!.Tags);

        await host.Registry.UpdateDeviceAsync(Registration("d"));
        Assert.Empty((await host.Registry.FindDeviceAsync(Device))!.Tags);
    }

    [SkippableFact]
    public async Task Devices_WithTheSameTags_HaveOneCopyOfThem()
    {
        await host.Registry.TryAddDevicesAsync([Registration("a") with { Tags = [new("ring", "canary")] }, Registration("b") with { Tags = [new("ring", "canary")] }]);
        var found = await host.Registry.ListDevicesAsync("p", new PageRequest(10, null));
        Assert.Equal(found[0].Tags, found[1].Tags);
    }

    [SkippableFact]
    public async Task Devices_WithOneNameThatIsTaken_AreAddedAllOrNone()
    {
        await host.Registry.TryAddDevicesAsync([Registration("c")]);
        Assert.Equal("c", await host.Registry.TryAddDevicesAsync([Registration("a"), Registration("b"), Registration("c"), Registration("d")]));
        Assert.Equal(["c"], (await host.Registry.ListDevicesAsync("p", new PageRequest(10, null))).Select(static d => d.Id.DeviceName));
        Assert.Null(await host.Registry.TryAddDevicesAsync([Registration("a"), Registration("b"), Registration("d")]));
    }

    [SkippableFact]
    public async Task Devices_AddedByManyAtOnce_AreAddedOnce()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => host.Registry.TryAddDevicesAsync([Registration($"d{i}"), Registration("same")])));
        Assert.Single(taken, static name => name is null);
        Assert.Equal(39, taken.Count(static name => name == "same"));
        Assert.Equal(2, (await host.Registry.ListDevicesAsync("p", new PageRequest(10, null))).Length);
    }

    [SkippableFact]
    public async Task Devices_FoundByManyAtOnce_AreEachTheOneAskedFor()
    {
        await host.Registry.TryAddDevicesAsync([.. Enumerable.Range(0, 600).Select(static i => Registration($"d{i}") with { Secret = $"s{i}" })]);
        var found = await Task.WhenAll(Enumerable.Range(0, 1_300).Select(i => host.Registry.FindDeviceAsync(new DeviceId("p", $"d{i % 650}"))));
        Assert.Equal(
            Enumerable.Range(0, 1_300).Select(static i => i % 650 < 600 ? ($"d{i % 650}", $"s{i % 650}") : default),
            found.Select(static d => d is null ? default : (d.Id.DeviceName, d.Secret)));
    }

    [SkippableFact]
    public async Task Devices_WithAnyCharactersInTheirNames_AreFoundAndListedInTheOrderOfTheirBytes()
    {
        // The last two stand in the other order by UTF-16.
        string[] names = [" ", "'; DROP TABLE device; --", "A", "B", "\\", "_", "a", "a\nb", "a b", "b", "{\"a\",NULL}", "Ä", "ä", "\uFFFD", "🛰"];
        await host.Registry.TryAddDevicesAsync([.. names.Select(Registration)]);
        Assert.All(await Task.WhenAll(names.Select(name => host.Registry.FindDeviceAsync(new DeviceId("p", name)))), Assert.NotNull);
        var listed = await host.Registry.ListDevicesAsync("p", new PageRequest(100, null));
        Assert.Equal(names, listed.Select(static d => d.Id.DeviceName));
        Assert.Equal(names[9..], (await host.Registry.ListDevicesAsync("p", new PageRequest(100, "a b"))).Select(static d => d.Id.DeviceName));
    }

    [SkippableFact]
    public async Task Devices_WithOneNameTwice_AreNotAdded()
    {
        Assert.Equal("a", await host.Registry.TryAddDevicesAsync([Registration("a"), Registration("b"), Registration("a")]));
        Assert.Empty(await host.Registry.ListDevicesAsync("p", new PageRequest(10, null)));
    }

    [SkippableFact]
    public async Task Device_CanBeChangedAndDeleted()
    {
        await host.Registry.TryAddDevicesAsync([Registration("d"), Registration("other")]);
        var changed = Registration("d") with { Secret = "new", IsEnabled = false };
        await host.Registry.UpdateDeviceAsync(changed);
        Assert.Equal(changed, await host.Registry.FindDeviceAsync(Device));
        await host.Registry.DeleteDeviceAsync(Device);
        Assert.Null(await host.Registry.FindDeviceAsync(Device));
        Assert.NotNull(await host.Registry.FindDeviceAsync(new DeviceId("p", "other")));
    }

    [SkippableFact]
    public async Task Devices_AreListedByProductInTheOrderOfTheirNames()
    {
        ImmutableArray<DeviceRegistration> devices = [.. new[] { "b", "a", "B", "10", "9" }.Select(Registration)];
        await host.Registry.TryAddDevicesAsync(devices);
        await host.Registry.TryAddDevicesAsync([Registration("x") with { Id = new DeviceId("other", "x") }]);
        var first = await host.Registry.ListDevicesAsync("p", new PageRequest(3, null));
        var second = await host.Registry.ListDevicesAsync("p", new PageRequest(3, first[^1].Id.DeviceName));
        Assert.Equal(["10", "9", "B", "a", "b"], first.Concat(second).Select(static d => d.Id.DeviceName));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RetainedMessage_KeepsEveryField(bool isFull)
    {
        var message = new RetainedMessage(
            isFull ? "/a/ü/'\"/" + new string('x', 65_000) : "t", new byte[] { 0, 255 }, isFull ? 2 : 0,
            isFull ? new byte[] { 1, 2, 3, 4 }.AsMemory(1, 2) : default, Start, isFull ? Start.AddDays(1) : null);
        await host.Retained.SetAsync(7, message);
        await host.ReopenAsync();
        var loaded = Assert.Single(await host.Retained.LoadAsync(7));
        Assert.Equal([0, 255], loaded.Payload.ToArray());
        Assert.Equal(isFull ? [2, 3] : [], loaded.Properties.ToArray());
        Assert.Equal(message with { Payload = default, Properties = default }, loaded with { Payload = default, Properties = default });
    }

    [SkippableFact]
    public async Task RetainedMessage_SetAgain_ReplacesTheEarlier()
    {
        for (var i = 1; i <= 3; i++)
        {
            await host.Retained.SetAsync(1, Retained("t", i));
        }

        var loaded = Assert.Single(await host.Retained.LoadAsync(1));
        Assert.Equal([3], loaded.Payload.ToArray());
        Assert.Equal(Start.AddSeconds(3), loaded.StoredAt);
    }

    [SkippableFact]
    public async Task RetainedMessages_HandedInAtOnce_LeaveTheLast()
    {
        await Task.WhenAll(Enumerable.Range(1, 30).Select(i => i % 10 == 0 ? host.Retained.RemoveAsync(1, "t") : host.Retained.SetAsync(1, Retained("t", i))));
        Assert.Empty(await host.Retained.LoadAsync(1));
        await Task.WhenAll(Enumerable.Range(1, 29).Select(i => i % 10 == 0 ? host.Retained.RemoveAsync(1, "t") : host.Retained.SetAsync(1, Retained("t", i))));
        Assert.Equal([29], Assert.Single(await host.Retained.LoadAsync(1)).Payload.ToArray());
    }

    [SkippableFact]
    public async Task RetainedMessages_AreLoadedAndRemovedByShardAndTopic()
    {
        await host.Retained.SetAsync(1, Retained("a", 1));
        await host.Retained.SetAsync(1, Retained("A", 2));
        await host.Retained.SetAsync(2, Retained("a", 3));
        await host.Retained.RemoveAsync(1, "a");
        await host.Retained.RemoveAsync(1, "none");
        Assert.Equal(["A"], (await host.Retained.LoadAsync(1)).Select(static m => m.Topic));
        Assert.Equal(["a"], (await host.Retained.LoadAsync(2)).Select(static m => m.Topic));
        Assert.Empty(await host.Retained.LoadAsync(3));
    }

    private static RetainedMessage Retained(string topic, int value) => new(topic, new[] { (byte)value }, 1, default, Start.AddSeconds(value), null);

    private static DeviceRegistration Registration(string name) => new(new DeviceId("p", name), "secret", true, Start);

    private static MessageProgress Finished(MessageStatus status, int second) => new(status, 1, 0, Start, Start.AddSeconds(second), null);

    private static DeviceMessage Message(int sequence) => new(
        Device, $"m{sequence}", sequence, "", new byte[] { 1 }, "t", false, 1, Start, Start.AddDays(1), MessageProgress.Accepted);

    private static IEnumerable<string> Ids(ImmutableArray<DeviceMessage> messages) => messages.Select(static m => m.MessageId);

    // A record compares its payload by where it lies in memory.
    private static void AssertSame(DeviceMessage expected, DeviceMessage? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Payload.ToArray(), actual.Payload.ToArray());
        Assert.Equal(expected with { Payload = default }, actual with { Payload = default });
    }
}
