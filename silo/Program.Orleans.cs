using IotPlatform.Hosting;
using Microsoft.Extensions.Hosting;

return await Startup.RunAsync(async () =>
{
    // Settings lie beside the program, wherever it is started from.
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddQuietOrleans();
    if (args is ["migrate", ..])
    {
        return await MigrateCommand.RunAsync(builder);
    }

    builder.AddClusterSilo();
    var host = builder.Build();
    host.CheckSettings();
    await host.RunAsync();
    return 0;
});
