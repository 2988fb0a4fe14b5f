using IotPlatform.Hosting;

namespace IotPlatform.Unit.Tests.Hosting;

public sealed class ConformanceProfileTests
{
    private readonly ConformanceProfile _profile = new();

    [Fact]
    public void Options_WithoutProfile_StayAsTheyAre()
    {
        var options = new GatewayOptions();
        _profile.PostConfigure(null, options);
        Assert.Equal((false, false, null, true), (options.AllowAnonymous, options.FreeTopics, options.KeepAliveMax, options.ReasonStrings));
        Assert.False(ConformanceProfile.Denies(options, "test/nosubscribe"u8));
    }

    [Fact]
    public void Options_WithTheProfile_AreWhatTheSuitesExpect_AndValid()
    {
        var options = new GatewayOptions { GatewayId = "g", Profile = ConformanceProfile.Name };
        _profile.PostConfigure(null, options);
        Assert.Equal((true, true, TimeSpan.FromSeconds(60), false), (options.AllowAnonymous, options.FreeTopics, options.KeepAliveMax, options.ReasonStrings));
        Assert.True(ConformanceProfile.Denies(options, "test/nosubscribe"u8));
        Assert.False(ConformanceProfile.Denies(options, "test/nosubscribe/x"u8));
        Assert.True(new GatewayOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void KeepAliveMax_ThatIsGiven_StandsAboveTheProfile()
    {
        var options = new GatewayOptions { Profile = ConformanceProfile.Name, KeepAliveMax = TimeSpan.FromSeconds(5) };
        _profile.PostConfigure(null, options);
        Assert.Equal(TimeSpan.FromSeconds(5), options.KeepAliveMax);
    }
}
